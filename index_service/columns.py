"""The samples of one kind, row by row; indices that follow one another share them."""

import numpy as np

from common.vectors import Floats
from index_service.blocks import Blocks, Places
from index_service.changes import Numbers
from index_service.vector_index import Rows

_SMALLEST = 64


class Columns:
    """Numbers, photos, confidences and vectors. Rows below `used` never change."""

    def __init__(self, vectors: Blocks, capacity: int = _SMALLEST) -> None:
        self.vectors, self.used = vectors, 0
        self.numbers = np.empty(capacity, np.int64)
        self.photos = np.empty(capacity, np.int64)
        self.confidences = np.empty(capacity, np.float32)

    def append(self, rows: Rows) -> None:
        """Write rows behind the last one; there must be room for all but the vectors."""
        self._note(rows.numbers, rows.photos, rows.confidences)
        self.vectors.append(rows.vectors)

    def rows(self, places: Places) -> Rows:
        """Return a copy of the rows at `places`, in their order."""
        return Rows(
            self.numbers[places],
            self.photos[places],
            self.confidences[places],
            self.vectors.rows(places),
        )

    def with_room(self, length: int, count: int) -> "Columns":
        """Return the first `length` rows with room for `count`: these if none was written behind.

        Vectors are not copied, but for a part of the last block where another index has written.
        """
        # Smaller columns with the same vectors may know of fewer rows than were written since.
        alone = self.used == self.vectors.used == length
        if alone and length + count <= len(self.numbers):
            return self
        vectors = self.vectors if alone else self.vectors.up_to(length)
        return self._taken(np.arange(length), vectors, capacity=max(2 * length, length + count))

    def picked(self, places: Places, vectors: Blocks) -> "Columns":
        """Return the rows at `places`, whose vectors are `vectors`."""
        return self._taken(places, vectors, capacity=len(places))

    def _taken(self, places: Places, vectors: Blocks, *, capacity: int) -> "Columns":
        taken = Columns(vectors, max(capacity, _SMALLEST))
        taken._note(self.numbers[places], self.photos[places], self.confidences[places])
        return taken

    def _note(self, numbers: Numbers, photos: Numbers, confidences: Floats) -> None:
        place = slice(self.used, self.used + len(numbers))
        self.numbers[place], self.photos[place] = numbers, photos
        self.confidences[place] = confidences
        self.used += len(numbers)
