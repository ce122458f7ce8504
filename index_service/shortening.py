"""Short vectors for graphs: fewer numbers a sample, that keep most of every cosine.

Vectors of an encoder fill few of their directions. Of `LENGTH` numbers all but one are the parts
along the directions that the samples fill most, and the last is the length of the rest, so that
short vectors have unit length as well: two samples that differ in the rest are not taken for equal,
and a graph over unit vectors has no favourites. A query has 0 there, so its product with a short
vector is the cosine less what lies outside: near enough to choose who is compared exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from common.vectors import Floats

LENGTH = 128
SAMPLE = 8_192


@dataclass(frozen=True, slots=True)
class Shortening:
    """Orthonormal rows, float32, shape (length - 1, d), or (d, d) where d is smaller."""

    axes: Floats

    @property
    def length(self) -> int:
        """How many numbers a short vector has."""
        return len(self.axes) + 1

    def of_rows(self, vectors: Floats) -> Floats:
        """Return the short vectors of unit rows (n, d), unit rows of shape (n, length)."""
        short = np.empty((len(vectors), self.length), np.float32)
        np.matmul(vectors, self.axes.T, out=short[:, :-1])
        kept = np.vecdot(short[:, :-1], short[:, :-1])
        short[:, -1] = np.sqrt(np.maximum(1 - kept, 0))
        return short

    def of_query(self, query: Floats) -> Floats:
        """Return the short vector of a unit vector, shape (length,)."""
        short = np.zeros(self.length, np.float32)
        # Row by row: threads of a matrix product would cost more than they spare.
        np.vecdot(self.axes, query, out=short[:-1])
        return short


def fitted(chunks: Iterable[Floats], dimension: int, *, length: int = LENGTH) -> Shortening:
    """Return what keeps most of these unit rows, which come in parts of shape (n, d)."""
    moments = np.zeros((dimension, dimension))
    for chunk in chunks:
        moments += chunk.T @ chunk
    # Products with queries shall be kept, not distances from the mean: it is not taken away.
    _, directions = np.linalg.eigh(moments)
    fullest = directions.T[::-1][: min(length - 1, dimension)]
    return Shortening(np.ascontiguousarray(fullest, np.float32))
