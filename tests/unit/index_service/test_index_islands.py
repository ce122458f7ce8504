"""What a graph misses that walks the wrong way is found by sketches."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from common.vectors import Floats, normalised
from index_service.brute import BruteIndex
from index_service.graph import CHUNK, Graph, GraphIndex
from index_service.members import Groups, members_of
from index_service.sketches import Sketches, signs_of
from index_service.vector_index import Rows

COUNT, ISLAND, DIMENSION = 2_000, 10, 64


class Lost:
    """A graph whose walks end beside the island that the query is of."""

    def __init__(self, vectors: Floats) -> None:
        self._vectors = vectors

    def set_ef(self, width: int) -> None: ...

    def knn_query(
        self, query: Floats, k: int, num_threads: int
    ) -> tuple[npt.NDArray[np.uint64], Floats]:
        distances = 1 - self._vectors @ query
        order = np.argsort(distances)[ISLAND : ISLAND + k]
        return order[None].astype(np.uint64), distances[order][None]


def islands() -> Floats:
    """Return small clusters that have little to do with one another, in no order."""
    rng = np.random.default_rng(0)
    centres = normalised(rng.standard_normal((COUNT // ISLAND, DIMENSION), np.float32))
    noise = normalised(rng.standard_normal((COUNT, DIMENSION), np.float32))
    return normalised(np.repeat(centres, ISLAND, axis=0) + 0.5 * noise)[rng.permutation(COUNT)]


def test_what_a_lost_graph_misses_is_found_all_the_same() -> None:
    vectors = islands()
    numbers = np.arange(COUNT, dtype=np.int64)
    rows = BruteIndex.empty(DIMENSION).changed(
        Rows(numbers, numbers, np.ones(COUNT, np.float32), vectors), ()
    )
    members = members_of(rows.chunks(CHUNK))
    graph = Graph(Lost(vectors), members, Groups(members), Sketches(signs_of(vectors)))
    index = GraphIndex(rows, graph)
    for query in vectors[:50]:
        exact = rows.nearest(query, ISLAND).numbers.tolist()
        assert index.nearest(query, ISLAND).numbers.tolist() == exact


@given(st.integers(1, 300), st.integers(1, 400), st.sampled_from([1e-3, 1.0]), st.integers(0, 9))
def test_sketches_bring_as_many_as_are_asked_for_and_what_equals_the_query(
    size: int, count: int, spread: float, seed: int
) -> None:
    drawn = np.random.default_rng(seed).standard_normal((size + 1, 8), np.float32)
    vectors = normalised(drawn[0] + np.float32(spread) * drawn[1:])
    likely = Sketches(signs_of(vectors)).likely(vectors[-1], count)
    signs = signs_of(vectors)
    unlike = np.bitwise_count(signs ^ signs[-1]).sum(axis=1)
    assert min(size, count) <= len(likely) <= 2 * count
    assert sorted(unlike[likely]) == sorted(unlike)[: len(likely)]


def test_bits_tell_the_angle() -> None:
    rng = np.random.default_rng(1)
    query, other = np.linalg.qr(rng.standard_normal((DIMENSION, 2)))[0].T.astype(np.float32)
    cosines = np.linspace(0.99, -0.99, 100, dtype=np.float32)
    vectors = cosines[:, None] * query + np.sqrt(1 - cosines[:, None] ** 2) * other
    likely = Sketches(signs_of(vectors)).likely(query, 10)
    assert {*likely.tolist()} >= {*range(5)}
    assert likely.max() < 30
