"""The minimum spanning tree of mutual reachability, exactly, without a matrix of all distances.

Boruvka's algorithm: each group of rows is tied to its nearest other one until there is one group.
What was once the nearest row of another group is a lower bound for ever, since groups only grow:
only rows whose bound is below the best known for their group are compared again, block by block.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from analysis_service import nearest, neighbours
from analysis_service.neighbours import Indices, Near, Report
from analysis_service.steps import Step
from common.vectors import Floats

# Distances of unit vectors are not known any finer: the cosine is rounded to 6e-8.
SAME = np.float32(1e-3)


@dataclass(slots=True, eq=False)
class _Search:
    """For each row the nearest one outside its group as far as is known, and its group."""

    vectors: Floats
    cores: Floats
    groups: Indices
    columns: Indices
    reaches: Floats

    def fresh(self) -> Near:
        """Return which rows' nearest one is still in another group."""
        return np.asarray(self.groups[self.columns] != self.groups)

    def look(self, rows: Indices) -> None:
        """Find the nearest row of another group of each of `rows`."""
        for part, distances in neighbours.distance_blocks(self.vectors[rows], self.vectors):
            chosen = rows[part]
            reach = _euclidean(distances)
            np.maximum(reach, self.cores[None], out=reach)
            np.maximum(reach, self.cores[chosen, None], out=reach)
            reach[self.groups[chosen, None] == self.groups[None]] = np.inf
            self.columns[chosen] = reach.argmin(axis=1)
            self.reaches[chosen] = reach[np.arange(len(chosen)), self.columns[chosen]]

    def best(self) -> Indices:
        """Return a row of each group with the least reach, after looking where it may be less."""
        fresh = self.fresh()
        least = np.full(self.groups.max() + 1, np.inf, dtype=np.float32)
        np.minimum.at(least, self.groups[fresh], self.reaches[fresh])
        doubtful = np.flatnonzero(~fresh & (self.reaches < least[self.groups]))
        self.look(doubtful)
        rows = np.flatnonzero(self.fresh())
        order = rows[np.lexsort((self.reaches[rows], self.groups[rows]))]
        return order[np.unique(self.groups[order], return_index=True)[1]]


def tree(vectors: Floats, min_samples: int, *, report: Report) -> csr_array:
    """Return n - 1 edges of unit vectors, shape (n, d), n at least 2, as a symmetric matrix (n, n).

    An edge weighs the Euclidean distance of its ends, or the distance of either to its neighbour
    number `min_samples` - 1 if that is more, and never less than 0.001.
    """
    search = _begun(vectors, min_samples, report=report)
    count = left = len(vectors)
    edges: list[tuple[Indices, Indices, Floats]] = []
    while left > 1:
        rows = search.best()
        columns = search.columns[rows]
        edges.append((rows, columns, search.reaches[rows]))
        ends = (search.groups[rows], search.groups[columns])
        merged = coo_array((np.ones(len(rows)), ends), shape=(left, left))
        left, labels = connected_components(merged, directed=False)
        search.groups = labels[search.groups].astype(np.int64)
        report(Step.TYING, float(1 - np.log(left) / np.log(count)))
    first, second, weights = (np.concatenate(part) for part in zip(*edges, strict=True))
    return _without_rings(first, second, weights)


def _begun(vectors: Floats, min_samples: int, *, report: Report) -> _Search:
    """Return a search in which each row is a group and nothing has been looked at."""
    _, near = nearest.others(
        vectors, min_samples - 1, report=lambda share: report(Step.COUNTING, share)
    )
    alone = np.arange(len(vectors), dtype=np.int64)
    nothing = np.zeros(len(vectors), dtype=np.float32)
    return _Search(vectors, _euclidean(near[:, -1]), alone, alone.copy(), nothing)


def _without_rings(first: Indices, second: Indices, weights: Floats) -> csr_array:
    """Return the edges as a tree: among equal distances groups may have chosen a ring."""
    count = int(max(first.max(), second.max())) + 1
    low, high = np.minimum(first, second), np.maximum(first, second)
    pairs, places = np.unique(low * count + high, return_index=True)
    graph = coo_array((weights[places], (pairs // count, pairs % count)), shape=(count, count))
    spanning = minimum_spanning_tree(graph.tocsr())
    return csr_array(spanning + spanning.T)


def _euclidean(distances: Floats) -> Floats:
    """Return Euclidean distances of unit vectors for cosine distances; none below 0.001."""
    return np.maximum(np.sqrt(2 * distances), SAME)
