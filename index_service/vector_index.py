"""What a search needs of the vectors of one kind: the seam between ranking and storage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from common.vectors import Floats
from index_service.changes import Numbers

Doubles = npt.NDArray[np.float64]
# float32 sums of some hundred products are exact to about the 7th digit.
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Rows:
    """Samples of one kind by rising number: numbers and photos (n,), vectors (n, d)."""

    numbers: Numbers
    photos: Numbers
    confidences: Floats
    vectors: Floats

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Samples with their cosine to a query; all of shape (n,), row by row."""

    numbers: Numbers
    photos: Numbers
    confidences: Floats
    cosines: Doubles

    def __len__(self) -> int:
        return len(self.numbers)

    def taken(self, which: npt.NDArray[np.intp]) -> "Neighbours":
        """Return the rows at `which`, in that order."""
        return Neighbours(
            self.numbers[which], self.photos[which], self.confidences[which], self.cosines[which]
        )

    def nearest(self, count: int) -> "Neighbours":
        """Return the `count` of the highest cosine, highest first, ties by number."""
        return self.taken(np.lexsort((self.numbers, -self.cosines))[:count])


class Comparing(Protocol):
    """Vectors of one kind at one moment. Queries are unit vectors, float32, shape (d,)."""

    @property
    def is_walked(self) -> bool:
        """Whether `begun` walks a graph, so that other threads get on with their work meanwhile."""

    def begun(self, query: Floats, count: int) -> Callable[[], Neighbours]:
        """Begin to look for the `count` nearest samples; the call of what is returned has them.

        They come nearest first, fewer only if there are no more.
        """

    def scan(self, query: Floats) -> Neighbours:
        """Return all samples by rising number."""

    def of(self, numbers: Numbers, query: Floats) -> Neighbours:
        """Return those of the samples `numbers` that there are, by rising number."""


class VectorIndex(Comparing, Protocol):
    """All vectors of one kind; a change makes another one and leaves this as it is."""

    def changed(self, added: Rows, gone: Sequence[int]) -> "VectorIndex":
        """Return the index with the rows `added`, numbered above all others, less `gone`."""


def rounded(cosines: npt.NDArray[np.float32]) -> Doubles:
    """Return float64 cosines in [-1, 1], rounded to what float32 sums can tell."""
    return np.clip(np.round(cosines.astype(np.float64), DIGITS), -1.0, 1.0)
