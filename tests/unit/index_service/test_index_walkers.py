"""Kinds are looked through by several threads: the answer is that of one, and so are the errors."""

import os
import threading
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from common.samples import Kind
from common.vectors import Floats, normalised
from index_service import graph as graphs
from index_service import ranking
from index_service.brute import BruteIndex
from index_service.candidates import Wish
from index_service.graph import GraphIndex
from index_service.ranking import Ranked
from index_service.scoring import Part, directions
from index_service.vector_index import Comparing, Neighbours, Rows

COUNT, DIMENSION = 600, 16
WEIGHTS = {Kind.PHOTO: 1.0, Kind.PERSON: 3.0, Kind.OBJECT: 0.9, Kind.TEXT: 0.5}


class Broken(GraphIndex):
    """An index that there is no memory for."""

    def begun(self, query: Floats, count: int) -> Callable[[], Neighbours]:
        raise MemoryError("no room")


def walked(kind: Kind) -> GraphIndex:
    drawn = np.random.default_rng(int(kind)).standard_normal((COUNT, DIMENSION), np.float32)
    numbers = np.arange(COUNT, dtype=np.int64)
    rows = Rows(numbers, numbers // 2, np.ones(COUNT, np.float32), normalised(drawn))
    index = BruteIndex.empty(DIMENSION).changed(rows, ())
    graph = graphs.build(index, threads=1, stop=threading.Event())
    assert graph is not None
    return GraphIndex(index, graph)


def best(indices: Mapping[Kind, Comparing], query: Floats) -> list[Ranked]:
    wish = Wish(directions([Part(query, False, 1.0)]), WEIGHTS, 10)
    return ranking.best_photos(ranking.searches_of(indices, wish), wish, str)


@pytest.fixture(scope="module")
def indices() -> dict[Kind, GraphIndex]:
    return {kind: walked(kind) for kind in WEIGHTS}


QUERIES = normalised(np.random.default_rng(7).standard_normal((20, DIMENSION), np.float32))


def test_graphs_of_several_kinds_answer_as_scans_do(indices: dict[Kind, GraphIndex]) -> None:
    scans = {kind: index.rows for kind, index in indices.items()}
    for query in QUERIES:
        assert best(indices, query) == best(scans, query)


def test_searches_do_not_wait_for_walkers_that_are_busy(indices: dict[Kind, GraphIndex]) -> None:
    over = threading.Event()
    try:
        held = [ranking._WALKERS.submit(over.wait, 60) for _ in range(os.cpu_count() or 1)]
        assert len(best(indices, QUERIES[0])) == 10
        assert not any(one.done() for one in held)
    finally:
        over.set()


@pytest.mark.parametrize("broken", WEIGHTS)
def test_what_goes_wrong_in_any_kind_reaches_the_caller(
    indices: dict[Kind, GraphIndex], broken: Kind
) -> None:
    own = indices[broken]
    with pytest.raises(MemoryError, match="no room"):
        best({**indices, broken: Broken(own.rows, own.graph)}, QUERIES[0])
