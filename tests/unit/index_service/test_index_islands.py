"""A graph that walks the wrong way is noticed."""

import numpy as np
import numpy.typing as npt

from common.vectors import Floats, normalised
from index_service.brute import BruteIndex
from index_service.graph import CHUNK, Graph, GraphIndex
from index_service.members import Groups, members_of
from index_service.vector_index import Rows

COUNT = 2_000


class Lost:
    """A graph whose walks end as far away as can be."""

    def __init__(self, vectors: Floats) -> None:
        self._vectors = vectors

    def set_ef(self, width: int) -> None: ...

    def get_items(self, labels: npt.NDArray[np.intp]) -> Floats:
        return self._vectors[labels]

    def knn_query(
        self, query: Floats, k: int, num_threads: int
    ) -> tuple[npt.NDArray[np.uint64], Floats]:
        distances = 1 - self._vectors @ query
        found = np.sort(np.argsort(-distances)[:k])
        order = found[np.argsort(distances[found])]
        return order[None].astype(np.uint64), distances[order][None]


def test_what_a_lost_graph_misses_is_found_all_the_same() -> None:
    vectors = normalised(np.random.default_rng(0).standard_normal((COUNT, 16)).astype(np.float32))
    numbers = np.arange(COUNT, dtype=np.int64)
    rows = BruteIndex.empty(16).changed(
        Rows(numbers, numbers, np.ones(COUNT, np.float32), vectors), ()
    )
    members = members_of(rows.chunks(CHUNK))
    index = GraphIndex(rows, Graph(Lost(vectors), members, Groups(members)))
    for query in vectors[:20]:
        exact = rows.nearest(query, 10).numbers.tolist()
        assert index.nearest(query, 10).numbers.tolist() == exact
