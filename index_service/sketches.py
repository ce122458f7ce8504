"""Every vector of a kind in 128 bits, compared at once: they tell who may be near, not how near."""

from bisect import bisect_left
from functools import cache

import numpy as np
import numpy.typing as npt

from common.vectors import Floats
from index_service.blocks import Places

BITS = 128
_SEED = 20_232
Signs = npt.NDArray[np.uint64]


class Sketches:
    """The sides of 128 random planes on which each of n vectors lies (Charikar 2002).

    Of two vectors with a cosine of c about 128 * arccos(c) / pi bits differ, give or take 6.
    """

    def __init__(self, signs: Signs) -> None:
        # Word by word, so that each is read in one go.
        self._words = np.ascontiguousarray(signs.T)

    def __len__(self) -> int:
        return int(self._words.shape[1])

    @property
    def signs(self) -> Signs:
        """The bits, uint64, shape (n, 2)."""
        return self._words.T

    def likely(self, query: Floats, count: int) -> Places:
        """Return the places of `count` vectors or more with the fewest bits unlike the query's.

        The closest come first; more than `count`, at most twice as many, where the last of them
        differ in as many bits. Fewer if there are no more.
        """
        (asked,) = signs_of(query[None])
        unlike = np.zeros(self._words.shape[1], np.uint8)
        for words, word in zip(self._words, asked, strict=True):
            unlike += np.bitwise_count(words ^ word)
        most = bisect_left(
            range(BITS), count, key=lambda bits: int(np.count_nonzero(unlike <= bits))
        )
        near = np.flatnonzero(unlike <= most)
        return near[np.argsort(unlike[near], kind="stable")[: 2 * count]]


@cache
def _planes(dimension: int) -> Floats:
    """Return the normals of the planes, entries 1 or -1, shape (128, d).

    Of raw bits, which NumPy promises to draw alike for ever: saved signs depend on them.
    """
    drawn = np.random.PCG64(_SEED).random_raw(BITS * dimension // 64)
    bits = np.unpackbits(np.asarray(drawn, "<u8").view(np.uint8))
    return bits.reshape(BITS, dimension).astype(np.float32) * 2 - 1


def signs_of(vectors: Floats) -> Signs:
    """Return on which sides the rows of (n, d) lie, shape (n, 2).

    Not by a product of matrices: threads of BLAS at work could keep this process from being
    copied (`apart`).
    """
    sides = np.vecdot(vectors[:, None], _planes(vectors.shape[1])) > 0
    return np.packbits(sides, axis=1).view(np.uint64)
