"""The gradient of t-SNE from every pair of points, for what compares them all at once: a GPU.

van der Maaten and Hinton, "Visualizing Data using t-SNE" (2008). `arrays` is NumPy or what has its
functions on a GPU, CuPy; openTSNE goes down the gradient.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

Doubles = npt.NDArray[np.float64]
# Pairs that are compared at once: a quarter of a GiB of float32, a few of them at a time.
MOST_PAIRS = 2**26


class PairwiseGradient:
    """The divergence and its gradient, called as openTSNE calls its own `kl_divergence_bh`.

    Both leave out the factor 4, as there.
    """

    def __init__(self, arrays: Any) -> None:
        self._arrays = arrays
        self._pairs: tuple[Any, Any] | None = None

    def __call__(
        self, embedding: Doubles, affinities: scipy.sparse.csr_matrix, **_others: object
    ) -> tuple[float, Doubles]:
        """Return the Kullback-Leibler divergence and the gradient, shape (n, dimensions).

        `affinities` (n, n), exaggerated or not, are always of the same pairs.
        """
        points = self._arrays.asarray(np.asarray(embedding), dtype=np.float32)
        pushed, weight = self._pushed(points)
        pulled, divergence, total = self._pulled(points, affinities)
        gradient = _on_host(pulled - pushed / weight)
        return float(divergence + total * np.log(float(weight))), gradient

    def _pushed(self, points: Any) -> tuple[Any, Any]:
        """Return how all points push each away, and the sum of all weights."""
        arrays, count = self._arrays, len(points)
        squares, pushed, weight = (points**2).sum(1), arrays.empty_like(points), 0.0
        step = max(1, MOST_PAIRS // count)
        for start in range(0, count, step):
            some = points[start : start + step]
            gaps = squares[start : start + step, None] + squares[None] - 2 * some @ points.T
            near = 1 / (1 + arrays.maximum(gaps, 0))
            own = arrays.arange(len(some))
            near[own, start + own] = 0
            weight = weight + near.sum(dtype=np.float64)
            near *= near
            pushed[start : start + step] = near.sum(1)[:, None] * some - near @ points
        return pushed, weight

    def _pulled(self, points: Any, affinities: scipy.sparse.csr_matrix) -> tuple[Any, float, float]:
        """Return how neighbours pull, their part of the divergence, and the sum of affinities."""
        arrays, (rows, columns) = self._arrays, self._of(affinities)
        shares, gaps = arrays.asarray(affinities.data), points[rows] - points[columns]
        near = 1 / (1 + (gaps**2).sum(1))
        pull = (shares * near)[:, None] * gaps
        sums = [arrays.bincount(rows, axis, minlength=len(points)) for axis in pull.T]
        divergence = (shares * arrays.log(shares / near)).sum()
        return arrays.stack(sums, axis=1), float(divergence), float(shares.sum())

    def _of(self, affinities: scipy.sparse.csr_matrix) -> tuple[Any, Any]:
        """Return the rows and columns of the affinities, brought to the GPU once."""
        if self._pairs is None:
            pairs = affinities.tocoo()
            self._pairs = self._arrays.asarray(pairs.row), self._arrays.asarray(pairs.col)
        return self._pairs


def _on_host(values: Any) -> Doubles:
    there = values.get() if hasattr(values, "get") else values
    return np.asarray(there, dtype=np.float64)
