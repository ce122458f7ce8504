"""Brute force and graph: the same answers through additions and removals."""

import resource
import threading
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from common.samples import Kind
from common.vectors import Floats, normalised
from index_service import graph as graphs
from index_service.brute import BruteIndex
from index_service.changes import Meta
from index_service.graph import Graph, GraphIndex
from index_service.members import members_of
from index_service.snapshot import Snapshots
from index_service.vector_index import Rows

DIMENSION = 24


def rows(first: int, count: int, *, seed: int = 0) -> Rows:
    """Return samples numbered from `first`, in clusters of about 20."""
    rng = np.random.default_rng(seed + first)
    centres = np.random.default_rng(99).standard_normal((50, DIMENSION), dtype=np.float32)
    noise = rng.standard_normal((count, DIMENSION), dtype=np.float32)
    vectors = normalised(centres[rng.integers(50, size=count)] + np.float32(0.4) * noise)
    numbers = np.arange(first, first + count, dtype=np.int64)
    return Rows(numbers, numbers // 3, np.linspace(0, 1, count, dtype=np.float32), vectors)


def brute(*parts: Rows) -> BruteIndex:
    index = BruteIndex.empty(DIMENSION)
    for part in parts:
        index = index.changed(part, ())
    return index


def built(index: BruteIndex) -> Graph:
    graph = graphs.build(index, threads=1, stop=threading.Event())
    assert graph is not None
    return graph


QUERIES = rows(0, 30, seed=7).vectors
NONE = rows(0, 0)


def recall(index: GraphIndex, exact: BruteIndex, count: int = 10) -> float:
    def found(query: Floats) -> float:
        near = index.nearest(query, count).numbers.tolist()
        return len({*near} & {*exact.nearest(query, count).numbers.tolist()}) / count

    return float(np.mean([found(query) for query in QUERIES]))


@hypothesis.settings(max_examples=60)
@hypothesis.given(
    st.lists(st.tuples(st.integers(0, 30), st.sets(st.integers(1, 90), max_size=20)), max_size=5),
    st.integers(1, 40),
)
def test_brute_force_knows_what_is_left_after_any_changes(
    changes: list[tuple[int, set[int]]], count: int
) -> None:
    left: dict[int, Floats] = {}
    index, first = BruteIndex.empty(DIMENSION), 1
    for added, gone in changes:
        new = rows(first, added)
        first += added
        index = index.changed(new, sorted(gone))
        left.update(zip(new.numbers.tolist(), new.vectors, strict=True))
        left = {number: vector for number, vector in left.items() if number not in gone}
    query = QUERIES[0]
    order = sorted(left, key=lambda number: (-round(float(left[number] @ query), 6), number))
    assert len(index) == len(left)
    assert index.scan(query).numbers.tolist() == sorted(left)
    found = index.nearest(query, count)
    exact = [float(left[number] @ query) for number in order[:count]]
    assert found.cosines.tolist() == pytest.approx(exact, abs=2e-6)
    assert index.of(np.array([3, 5, 400, 5]), query).numbers.tolist() == sorted({3, 5} & {*left})


def test_numbers_decide_between_cosines_that_are_equal_when_rounded() -> None:
    """The later ones are nearer, by less than is told apart."""
    query = QUERIES[0]
    across = np.roll(query, 1) - query * float(np.roll(query, 1) @ query)
    tilted = [query + across * (0.1 - 1e-8 * at) for at in range(20)]
    like = rows(1, 20)
    index = brute(Rows(like.numbers, like.photos, like.confidences, normalised(np.array(tilted))))
    assert len({*index.scan(query).cosines.tolist()}) == 1
    assert index.nearest(query, 7).numbers.tolist() == [1, 2, 3, 4, 5, 6, 7]
    found = index.nearest_of(np.array([20, 3, 9, 4, 3]), 14, query, 4)
    assert found.numbers.tolist() == [3, 4, 9, 15]


def test_older_index_stays_as_it_was() -> None:
    old = brute(rows(1, 40))
    before = old.scan(QUERIES[0])
    first, second = old.changed(rows(41, 10), [3]), old.changed(rows(41, 10, seed=5), [4])
    assert old.scan(QUERIES[0]).numbers.tolist() == before.numbers.tolist()
    assert not np.array_equal(
        first.scan(QUERIES[0]).cosines[-10:], second.scan(QUERIES[0]).cosines[-10:]
    )
    assert 3 in second.scan(QUERIES[0]).numbers


def test_index_mostly_of_hidden_rows_is_packed() -> None:
    index = brute(rows(1, 2_000)).changed(NONE, range(1, 1_001))
    assert index.is_sparse
    packed = index.packed()
    assert not packed.is_sparse
    assert packed.rows_up_to(2_000) == len(packed) == 1_000
    assert np.array_equal(packed.scan(QUERIES[0]).cosines, index.scan(QUERIES[0]).cosines)


@pytest.fixture(scope="module")
def grown() -> GraphIndex:
    """3,000 samples in the graph and 200 since."""
    base = brute(rows(1, 3_000))
    return GraphIndex(base, built(base)).changed(rows(3_001, 200), ())


def test_graph_finds_what_scanning_finds(grown: GraphIndex) -> None:
    assert recall(grown, grown.rows) > 0.98


def test_graph_finds_samples_that_came_since(grown: GraphIndex) -> None:
    newest = grown.rows.live_rows().vectors[-1]
    nearest = grown.nearest(newest, 1)
    assert nearest.numbers.tolist() == [3_200]
    assert nearest.cosines.tolist() == pytest.approx([1.0])


def test_graph_hides_what_is_gone_at_once(grown: GraphIndex) -> None:
    query = QUERIES[0]
    best = grown.nearest(query, 25).numbers.tolist()
    left = grown.changed(NONE, best)
    assert not {*best} & {*left.nearest(query, 25).numbers.tolist()}
    assert len(left.nearest(query, 25)) == 25
    assert recall(left, left.rows) > 0.98


def test_copies_of_a_vector_do_not_wall_off_the_others() -> None:
    """Four in five samples are copies of five words, as with signs read in many photos."""
    own = rows(1, 3_000)
    rng = np.random.default_rng(3)
    copied = rng.random(3_000) < 0.8
    own.vectors[copied] = own.vectors[rng.integers(5, size=int(copied.sum()))]
    base = brute(own)
    index = GraphIndex(base, built(base))
    for query in [*QUERIES, *own.vectors[:20]]:
        near, exact = index.nearest(query, 64), base.nearest(query, 64)
        assert np.mean(near.cosines >= exact.cosines[-1]) > 0.9


def test_graph_answers_as_many_as_there_are(grown: GraphIndex) -> None:
    assert len(grown.nearest(QUERIES[0], 5_000)) == 3_200


def test_cosines_of_graph_and_scan_are_the_same(grown: GraphIndex) -> None:
    near, exact = grown.nearest(QUERIES[1], 5), grown.rows.nearest(QUERIES[1], 5)
    assert near.cosines.tolist() == exact.cosines.tolist()


def test_graph_is_outdated_by_additions_and_by_removals(grown: GraphIndex) -> None:
    assert not grown.is_outdated
    assert grown.changed(rows(3_201, 500), ()).is_outdated
    assert grown.changed(NONE, range(1, 600)).is_outdated


def test_members_cover_only_the_very_vectors() -> None:
    own = rows(1, 50)
    members = members_of([own])
    other = Rows(own.numbers, own.photos, own.confidences, own.vectors.copy())
    other.vectors[9, 3] += np.float32(1e-6)
    assert members.cover([own])
    assert members.cover(brute(own).changed(NONE, [2, 50]).chunks(20))
    assert not members.cover([other])
    assert not members.cover([rows(1, 51)])


def test_build_gives_up_when_told() -> None:
    stop = threading.Event()
    stop.set()
    assert graphs.build(brute(rows(1, 10)), threads=1, stop=stop) is None


def test_a_save_that_a_full_disk_stops_leaves_what_was_saved_and_no_more(tmp_path: Path) -> None:
    snapshots, meta = Snapshots(tmp_path), Meta(1, "model-1", DIMENSION)
    snapshots.save({Kind.PHOTO: built(brute(rows(1, 100)))}, meta)
    saved = sorted(path.name for path in tmp_path.iterdir())
    larger = built(brute(rows(1, 200)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="cannot write"):
            snapshots.save({Kind.PHOTO: larger}, meta)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert sorted(path.name for path in tmp_path.iterdir()) == saved
