"""Exact search by comparing with every vector: for small kinds, and the measure of the graph."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from common.vectors import Floats
from index_service.changes import Numbers
from index_service.vector_index import Neighbours, Rows, rounded

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
_SMALLEST = 64
_COMPACT_FROM = 1_024
_MOST_HIDDEN = 0.25


def cosines_of(vectors: Floats, query: Floats) -> Floats:
    """Return the products of unit rows (n, d) with a unit vector (d,), float32, shape (n,).

    Row by row in one thread: as fast as a matrix product, which is bound by memory, deaf to what
    else the processor does, and the same for equal rows wherever they stand.
    """
    return np.asarray(np.vecdot(vectors, query), np.float32)


class _Buffer:
    """Columns with room to grow. Rows below `used` never change: older indices may share them."""

    def __init__(self, capacity: int, dimension: int) -> None:
        self.numbers = np.empty(capacity, np.int64)
        self.photos = np.empty(capacity, np.int64)
        self.confidences = np.empty(capacity, np.float32)
        self.vectors = np.empty((capacity, dimension), np.float32)
        self.used = 0

    def append(self, rows: Rows) -> None:
        """Write rows behind the last one; there must be room."""
        place = slice(self.used, self.used + len(rows))
        self.numbers[place] = rows.numbers
        self.photos[place] = rows.photos
        self.confidences[place] = rows.confidences
        self.vectors[place] = rows.vectors
        self.used += len(rows)

    def rows(self, which: slice | Places) -> Rows:
        """Return rows; a slice of them is a view."""
        return Rows(
            self.numbers[which], self.photos[which], self.confidences[which], self.vectors[which]
        )


class BruteIndex:
    """A `VectorIndex` that compares with every vector."""

    def __init__(self, buffer: _Buffer, live: Mask) -> None:
        self._buffer, self._live, self._length = buffer, live, len(live)
        self._all_live = bool(live.all())

    @classmethod
    def empty(cls, dimension: int, capacity: int = _SMALLEST) -> "BruteIndex":
        """Return an index without samples and with room for `capacity`."""
        return cls(_Buffer(max(capacity, _SMALLEST), dimension), np.zeros(0, np.bool_))

    def __len__(self) -> int:
        return int(np.count_nonzero(self._live))

    def nearest(self, query: Floats, count: int) -> Neighbours:
        """Return the nearest samples, nearest first."""
        return self.nearest_from(0, query, count)

    def nearest_from(self, first_row: int, query: Floats, count: int) -> Neighbours:
        """Return the nearest samples among the rows from `first_row` on, nearest first."""
        place = slice(first_row, self._length)
        cosines = cosines_of(self._buffer.vectors[place], query)
        cosines[~self._live[place]] = -np.inf
        count = min(count, int(np.count_nonzero(self._live[place])))
        if count == 0:
            return self._neighbours(np.zeros(0, np.intp), cosines[:0])
        best = np.argpartition(-cosines, count - 1)[:count]
        return self._neighbours(first_row + best, cosines[best]).nearest(count)

    def scan(self, query: Floats) -> Neighbours:
        """Return all samples by rising number."""
        cosines = cosines_of(self._buffer.vectors[: self._length], query)
        which = np.flatnonzero(self._live)
        return self._neighbours(which, cosines[which])

    def of(self, numbers: Numbers, query: Floats) -> Neighbours:
        """Return those of the samples `numbers` that there are, by rising number."""
        which = self.rows_of(np.unique(np.asarray(numbers, np.int64)))
        return self._neighbours(which, cosines_of(self._buffer.vectors[which], query))

    def changed(self, added: Rows, gone: Sequence[int]) -> "BruteIndex":
        """Return the index with the rows `added` less the samples `gone`."""
        buffer = self._with_room(len(added))
        if len(added):
            buffer.append(added)
        live = np.concatenate((self._live, np.ones(len(added), np.bool_)))
        result = BruteIndex(buffer, live)
        live[result.rows_of(np.array(gone, np.int64))] = False
        result = BruteIndex(buffer, live)
        return result._compact() if result._is_sparse() else result

    def rows_of(self, numbers: Numbers) -> Places:
        """Return the rows of those samples that there are, in the order of `numbers`."""
        rows = np.searchsorted(self._buffer.numbers[: self._length], numbers)
        inside = rows[rows < self._length]
        found = self._buffer.numbers[inside] == numbers[rows < self._length]
        result: Places = inside[found & self._live[inside]]
        return result

    def live_rows(self) -> Rows:
        """Return all samples by rising number; a view where none is hidden."""
        length = self._length
        return self._buffer.rows(slice(0, length) if self._all_live else np.flatnonzero(self._live))

    def live_numbers(self) -> Numbers:
        """Return the numbers of all samples, rising."""
        return self._buffer.numbers[: self._length][self._live]

    def live_photos(self) -> Numbers:
        """Return the number of the photo of each sample, in the order of `live_numbers`."""
        return self._buffer.photos[: self._length][self._live]

    def rows_up_to(self, number: int) -> int:
        """Return how many rows, hidden ones included, have at most `number`."""
        return int(np.searchsorted(self._buffer.numbers[: self._length], number, side="right"))

    def live_up_to(self, number: int) -> int:
        """Return how many samples have at most `number`."""
        return int(np.count_nonzero(self._live[: self.rows_up_to(number)]))

    def _neighbours(self, which: Places, cosines: Floats) -> Neighbours:
        buffer = self._buffer
        return Neighbours(
            buffer.numbers[which],
            buffer.photos[which],
            buffer.confidences[which],
            rounded(cosines),
        )

    def _with_room(self, count: int) -> _Buffer:
        """Return a buffer for `count` more rows: this one if no other index has written there."""
        buffer = self._buffer
        if buffer.used == self._length and self._length + count <= len(buffer.numbers):
            return buffer
        grown = _Buffer(max(2 * self._length, self._length + count, _SMALLEST), self._dimension)
        grown.append(buffer.rows(slice(0, self._length)))
        return grown

    @property
    def _dimension(self) -> int:
        return int(self._buffer.vectors.shape[1])

    def _is_sparse(self) -> bool:
        hidden = self._length - len(self)
        return self._length >= _COMPACT_FROM and hidden > _MOST_HIDDEN * self._length

    def _compact(self) -> "BruteIndex":
        live = self.live_rows()
        buffer = _Buffer(len(live) + _SMALLEST, self._dimension)
        buffer.append(live)
        return BruteIndex(buffer, np.ones(len(live), np.bool_))
