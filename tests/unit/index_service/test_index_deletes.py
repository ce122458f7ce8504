"""What graphs get wrong after nodes are marked as deleted must not happen: ours never delete."""

import threading

import numpy as np
import pytest

from common.vectors import normalised
from index_service import graph as graphs
from index_service.brute import BruteIndex
from index_service.graph import GraphIndex
from index_service.vector_index import Rows

DIMENSION, COUNT = 16, 2_000
NONE = Rows(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32),
            np.zeros((0, DIMENSION), np.float32))  # fmt: skip


def rows(first: int, count: int) -> Rows:
    vectors = np.random.default_rng(5).standard_normal((count, DIMENSION), dtype=np.float32)
    numbers = np.arange(first, first + count, dtype=np.int64)
    return Rows(numbers, numbers, np.ones(count, np.float32), normalised(vectors))


@pytest.fixture(scope="module")
def whole() -> GraphIndex:
    base = BruteIndex.empty(DIMENSION).changed(rows(1, COUNT), ())
    graph = graphs.build(base, threads=1, stop=threading.Event())
    assert graph is not None
    return GraphIndex(base, graph)


QUERIES = normalised(np.random.default_rng(6).standard_normal((20, DIMENSION), dtype=np.float32))


def test_half_gone_costs_no_recall(whole: GraphIndex) -> None:
    left = whole.changed(NONE, range(1, COUNT, 2))
    shares = []
    for query in QUERIES:
        near, exact = left.nearest(query, 10).numbers, left.rows.nearest(query, 10).numbers
        shares.append(len({*near.tolist()} & {*exact.tolist()}) / 10)
    assert np.mean(shares) >= 0.99


@pytest.mark.parametrize("left", [3, 1, 0])
def test_fewer_left_than_wanted_are_all_found(whole: GraphIndex, left: int) -> None:
    few = whole.changed(NONE, range(1, COUNT + 1 - left))
    found = few.nearest(QUERIES[0], 10).numbers.tolist()
    assert sorted(found) == list(range(COUNT + 1 - left, COUNT + 1))


def test_vectors_that_come_back_are_found_once(whole: GraphIndex) -> None:
    again = whole.changed(NONE, range(1, COUNT + 1)).changed(rows(COUNT + 1, COUNT), ())
    own = rows(1, COUNT).vectors[7]
    assert again.nearest(own, 2).numbers.tolist()[0] == COUNT + 8
    assert len(again.nearest(own, COUNT + 50)) == COUNT


def test_of_many_that_are_alike_all_but_one_may_go() -> None:
    """The one that is left is found first, and what is found behind it is not what is likely."""
    rng = np.random.default_rng(8)
    centres = np.repeat(rng.standard_normal((20, 128), np.float32), 300, axis=0)
    noise = rng.standard_normal(centres.shape, np.float32)
    vectors = normalised(centres + np.float32(0.05) * noise)
    numbers = np.arange(1, len(vectors) + 1)
    every = Rows(numbers, numbers, np.ones(len(vectors), np.float32), vectors)
    base = BruteIndex.empty(128).changed(every, ())
    graph = graphs.build(base, threads=2, stop=threading.Event())
    assert graph is not None
    for query in vectors[::500]:
        gone = base.nearest(query, 41).numbers[1:].tolist()
        left = GraphIndex(base, graph).changed(NONE, gone)
        exact = left.rows.nearest(query, 10).numbers.tolist()
        assert left.nearest(query, 10).numbers.tolist() == exact
