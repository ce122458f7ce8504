"""A few samples that are compared with every query: they tell where a graph has lost its way."""

from functools import cache

import numpy as np
import numpy.typing as npt

from common.vectors import Floats

# So many samples, evenly drawn, are watched.
WATCHED = 1_024
# A random projection to so many dimensions tells a cosine to about 0.1, and is a fraction of the
# memory to read; the likely nearest are compared as they are.
_SKETCHED = 64
_COMPARED = 32
Labels = npt.NDArray[np.intp]


class Watch:
    """The vectors of some samples, by label.

    A query meets their sketches first, random projections (Johnson and Lindenstrauss, 1984).
    """

    def __init__(self, labels: Labels, vectors: Floats) -> None:
        self._labels, self._vectors = labels, vectors
        self._projection = _projection(vectors.shape[1])
        self._sketches = _products(vectors, self._projection)

    def nearer(self, query: Floats, than: float) -> Labels:
        """Return those of the likely nearest that have a cosine above `than` to the query."""
        likely = np.vecdot(self._sketches, np.vecdot(self._projection, query))
        compared = np.argpartition(-likely, min(_COMPARED, len(likely)) - 1)[:_COMPARED]
        cosines = np.vecdot(self._vectors[compared], query)
        nearer: Labels = self._labels[compared[cosines > than]]
        return nearer


@cache
def _projection(dimension: int) -> Floats:
    """Return the projection that all kinds share, so that it stays in the processor's cache."""
    random = np.random.default_rng(_SKETCHED)
    return random.standard_normal((_SKETCHED, dimension), np.float32)


def _products(vectors: Floats, projection: Floats) -> Floats:
    """Return the products of rows (n, d) and (m, d), shape (n, m).

    Not by a product of matrices: threads of BLAS at work could keep this process from being
    copied (`apart`).
    """
    return np.asarray(np.vecdot(vectors[:, None], projection), np.float32)


def evenly(count: int) -> Labels:
    """Return the labels to watch out of 0 .. count - 1."""
    return np.unique(np.linspace(0, count - 1, WATCHED).astype(np.intp))
