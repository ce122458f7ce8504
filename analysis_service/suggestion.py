"""An eps for DBSCAN read off the vectors themselves, and the k-distance curve beside it.

As eps grows, samples gather in clusters until one of them swallows the rest. The suggestion is the
eps at which most samples lie in clusters other than the largest: beyond it clusters melt together,
before it they are still torn.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from analysis_service import nearest
from analysis_service.neighbours import BLOCK_PAIRS, Indices, Report
from analysis_service.steps import Step
from common.vectors import Floats

DEFAULT_EPS = 0.2
LEAST_EPS = 1e-3
# Neighbours of each sample that may tie it to others.
NEIGHBOURS = 16
CURVE_POINTS = 200
SAME = 1e-7


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An eps in (0, 2], and cosine distances to the k-th neighbour, ascending, at most 200."""

    eps: float
    curve: tuple[float, ...] = ()


def suggest(
    vectors: Floats, min_samples: int, *, report: Report, pairs: int = BLOCK_PAIRS
) -> Suggestion:
    """Return the suggestion for unit vectors of shape (n, d); k is `min_samples` - 1, at least 1.

    Fewer than three vectors suggest 0.2.
    """
    k = max(1, min_samples - 1)
    if len(vectors) <= max(2, k):
        return Suggestion(DEFAULT_EPS)
    near, distances = nearest.others(
        vectors,
        max(k, NEIGHBOURS),
        report=lambda share: report(Step.SUGGESTING, share),
        pairs=pairs,
    )
    cores = distances[:, k - 1]
    first, second, weights = _tree(near, distances, cores)
    curve = np.quantile(cores, np.linspace(0, 1, min(CURVE_POINTS, len(cores))))
    return Suggestion(_best(first, second, weights), tuple(curve.tolist()))


def _tree(near: Indices, distances: Floats, cores: Floats) -> tuple[Indices, Indices, Floats]:
    """Return the edges, by rising eps, at which cores that are neighbours come together."""
    rows = np.repeat(np.arange(len(near)), near.shape[1])
    columns = near.ravel()
    reach = np.maximum(distances.ravel(), np.maximum(cores[rows], cores[columns])) + SAME
    graph = coo_array((reach, (rows, columns)), shape=(len(near), len(near))).tocsr()
    tree = minimum_spanning_tree(graph.maximum(graph.T)).tocoo()
    order = np.argsort(tree.data, kind="stable")
    return tree.row[order], tree.col[order], tree.data[order].astype(np.float32)


def _best(first: Indices, second: Indices, weights: Floats) -> float:
    """Return the least eps with the most rows in clusters other than the largest."""
    last = np.flatnonzero(np.append(np.diff(weights) > SAME, True))
    best = last[np.argmax(_outside_largest(first, second)[last])]
    return min(2.0, max(LEAST_EPS, math.ceil(float(weights[best]) * 1e4) / 1e4))


def _outside_largest(first: Indices, second: Indices) -> Indices:
    """Return, after each edge, how many rows are in clusters but not in the largest one."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    outside = np.zeros(len(first), dtype=np.int64)
    largest = 0
    for at, ends in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        one, other = (_root(parents, end) for end in ends)
        parents[other] = one
        sizes[one] = sizes.get(one, 1) + sizes.pop(other, 1)
        largest = max(largest, sizes[one])
        outside[at] = len(parents) - largest
    return outside


def _root(parents: dict[int, int], row: int) -> int:
    """Return what stands for the group of `row`, and shorten the way to it."""
    parent = parents.setdefault(row, row)
    while parent != row:
        parents[row] = parents[parent]
        row, parent = parents[row], parents[parents[row]]
    return row
