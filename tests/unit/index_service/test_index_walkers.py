"""Kinds are looked through by several threads: the answer is that of one, and so are the errors."""

import threading
from collections.abc import Mapping

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


class Broken(BruteIndex):
    """An index that there is no memory for."""

    def nearest(self, query: Floats, count: int) -> Neighbours:
        raise MemoryError("no room")


def scanned(kind: Kind) -> BruteIndex:
    drawn = np.random.default_rng(int(kind)).standard_normal((COUNT, DIMENSION), np.float32)
    numbers = np.arange(COUNT, dtype=np.int64)
    rows = Rows(numbers, numbers // 2, np.ones(COUNT, np.float32), normalised(drawn))
    return BruteIndex.empty(DIMENSION).changed(rows, ())


def walked(kind: Kind) -> GraphIndex:
    rows = scanned(kind)
    graph = graphs.build(rows, threads=1, stop=threading.Event())
    assert graph is not None
    return GraphIndex(rows, graph)


def best(indices: Mapping[Kind, Comparing], query: Floats) -> list[Ranked]:
    wish = Wish(directions([Part(query, False, 1.0)]), WEIGHTS, 10)
    return ranking.best_photos(ranking.searches_of(indices, wish), wish, str)


def test_graphs_of_several_kinds_answer_as_scans_do() -> None:
    graphs_, scans = ({kind: made(kind) for kind in WEIGHTS} for made in (walked, scanned))
    for query in normalised(np.random.default_rng(7).standard_normal((20, DIMENSION), np.float32)):
        assert best(graphs_, query) == best(scans, query)


@pytest.mark.parametrize("broken", WEIGHTS)
def test_what_goes_wrong_in_any_kind_reaches_the_caller(broken: Kind) -> None:
    indices = {kind: scanned(kind) for kind in WEIGHTS}
    indices[broken] = Broken(indices[broken]._columns, indices[broken]._live)
    with pytest.raises(MemoryError, match="no room"):
        best(indices, np.eye(1, DIMENSION, dtype=np.float32)[0])
