"""Who is near whom among unit vectors, block by block, so that memory does not grow with pairs."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis_service.steps import Step
from common.vectors import Floats

Indices = npt.NDArray[np.int64]
Near = npt.NDArray[np.bool_]
Report = Callable[[Step, float], None]
BLOCK_PAIRS = 4_000_000


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


class Components:
    """Groups of rows that grow together, held as one label per row."""

    def __init__(self, count: int) -> None:
        self._labels: Indices = np.arange(count, dtype=np.int64)

    def tie(self, rows: slice, near: Near) -> None:
        """Put each row of the block into one group with the rows near it; `near` is (b, n)."""
        first, second = np.nonzero(near)
        ends = self._labels[rows][first], self._labels[second]
        count = len(self._labels)
        graph = coo_array((np.ones(len(first), dtype=np.int8), ends), shape=(count, count))
        _, merged = connected_components(graph, directed=False)
        self._labels = merged[self._labels].astype(np.int64)

    def labels(self) -> Indices:
        """Return the group of each row, shape (n,), numbered from 0 by their first row."""
        _, first, inverse = np.unique(self._labels, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        return rank[inverse]


def components(
    vectors: Floats, radius: float, *, report: Report, pairs: int = BLOCK_PAIRS
) -> Indices:
    """Return the group of each row, shape (n,), numbered by their first row.

    Rows within `radius` of cosine distance, or tied by a chain of such rows, share a group.
    """
    groups = Components(len(vectors))
    for rows, distances in distance_blocks(vectors, vectors, pairs=pairs):
        groups.tie(rows, distances <= radius)
        report(Step.TYING, rows.stop / len(vectors))
    return groups.labels()
