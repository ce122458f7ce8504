"""Who is near whom among unit vectors, block by block, so that memory does not grow with pairs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis_service.steps import Step
from common.vectors import Floats

Indices = npt.NDArray[np.int64]
Near = npt.NDArray[np.bool_]
Report = Callable[[Step, float], None]
BLOCK_PAIRS = 8_000_000


def distance_blocks(
    rows: Floats, columns: Floats, *, pairs: int = BLOCK_PAIRS
) -> Iterator[tuple[slice, Floats]]:
    """Yield cosine distances in [0, 2], float32, shape (b, n), of b rows at a time.

    `rows` (m, d) and `columns` (n, d) are unit vectors. A block holds about `pairs` distances.
    """
    size = max(1, pairs // max(1, len(columns)))
    for start in range(0, len(rows), size):
        chosen = slice(start, min(start + size, len(rows)))
        distances = rows[chosen] @ columns.T
        np.subtract(1, distances, out=distances)
        yield chosen, np.clip(distances, 0, 2, out=distances)


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Pairs of rows that are near one another: `first` < `second`, int64, shape (m,) each."""

    first: Indices
    second: Indices

    def where(self, chosen: Near) -> "Edges":
        """Return the edges that `chosen`, shape (m,), marks."""
        return Edges(self.first[chosen], self.second[chosen])


def edge_blocks(
    vectors: Floats, radius: float, *, pairs: int = BLOCK_PAIRS
) -> Iterator[tuple[slice, Edges]]:
    """Yield each pair of rows within `radius` of cosine distance once, a block of rows at a time.

    Every distance is computed once: a block of rows meets only the rows from its first one on.
    """
    least, start = _least_cosine(radius), 0
    while start < len(vectors):
        width = len(vectors) - start
        rows = slice(start, min(start + max(1, pairs // width), len(vectors)))
        near = (vectors[rows] @ vectors[start:].T) >= least
        height = rows.stop - start
        near[:, :height] = np.triu(near[:, :height], k=1)
        first, second = np.divmod(np.flatnonzero(near), width)
        yield rows, Edges(first + start, second + start)
        start = rows.stop


def _least_cosine(radius: float) -> np.float32:
    """Return the least float32 c with 1 - c <= `radius` in float32, as a distance is compared.

    Halving over the float32 numbers in their order: near 0 there are so many that 1 - c is the same
    for a billion of them.
    """
    reach = np.float32(radius)
    if reach >= 2:
        return np.float32(-np.inf)
    high = int(np.float32(2).view(np.int32))
    low = -high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if np.float32(1) - _number(middle) <= reach else (middle, high)
    return _number(high)


def _number(place: int) -> np.float32:
    """Return the float32 that stands `place` numbers above 0, or below."""
    size = np.int32(abs(place)).view(np.float32)
    return np.float32(size if place >= 0 else -size)


class Components:
    """Groups of rows that grow together, held as one label per row."""

    def __init__(self, count: int) -> None:
        self._labels: Indices = np.arange(count, dtype=np.int64)

    def tie(self, edges: Edges) -> None:
        """Put the two rows of each edge into one group."""
        ends = self._labels[edges.first], self._labels[edges.second]
        apart = ends[0] != ends[1]
        if not apart.any():
            return
        links = (ends[0][apart], ends[1][apart])
        count = len(self._labels)
        graph = coo_array((np.ones(len(links[0]), dtype=np.int8), links), shape=(count, count))
        _, merged = connected_components(graph, directed=False)
        self._labels = merged[self._labels].astype(np.int64)

    def labels(self) -> Indices:
        """Return the group of each row, shape (n,), numbered from 0 by their first row."""
        return numbered(self._labels)


def members(labels: Indices) -> list[Indices]:
    """Return the rows of each label from 0 on, ascending; a label below 0 is none."""
    order = np.argsort(labels, kind="stable")
    inside = order[labels[order] >= 0]
    starts = np.flatnonzero(np.diff(labels[inside])) + 1
    return [rows for rows in np.split(inside, starts) if len(rows)]


def numbered(groups: Indices) -> Indices:
    """Return the groups numbered from 0 by their first row."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
