"""Exact search by comparing with every vector: for small kinds, and the measure of the graph."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from common.vectors import Floats
from index_service.blocks import Blocks, Mask, Places
from index_service.changes import Numbers
from index_service.columns import Columns
from index_service.vector_index import DIGITS, Neighbours, Rows, rounded

_COMPACT_FROM = 1_024
_MOST_HIDDEN = 0.25


class BruteIndex:
    """A `VectorIndex` that compares with every vector."""

    is_walked = False

    def __init__(self, columns: Columns, live: Mask) -> None:
        self._columns, self._live, self._length = columns, live, len(live)
        self._count = int(np.count_nonzero(live))

    @classmethod
    def empty(cls, dimension: int) -> "BruteIndex":
        """Return an index without samples."""
        return cls(Columns(Blocks(dimension)), np.zeros(0, np.bool_))

    def __len__(self) -> int:
        return self._count

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return self._columns.vectors.dimension

    @property
    def last(self) -> int:
        """The highest number that a sample has or had; 0 without any."""
        return int(self._columns.numbers[self._length - 1]) if self._length else 0

    def begun(self, query: Floats, count: int) -> Callable[[], Neighbours]:
        """Return what has the nearest samples: comparing is all there is to do."""
        found = self.nearest(query, count)
        return lambda: found

    def nearest(self, query: Floats, count: int) -> Neighbours:
        """Return the nearest samples, nearest first."""
        return self._nearest(*self._compared(0, query), count)

    def nearest_of(self, numbers: Numbers, first_row: int, query: Floats, count: int) -> Neighbours:
        """Return the nearest among the samples `numbers` and the rows from `first_row` on.

        They come nearest first. A number may be given twice, or be gone.
        """
        rising = np.sort(numbers)
        old = self.rows_of(rising[np.diff(rising, prepend=-1) > 0])
        new, cosines = self._compared(first_row, query)
        known = self._columns.vectors.cosines_at(old, query)
        return self._nearest(np.concatenate((old, new)), np.concatenate((known, cosines)), count)

    def _compared(self, first_row: int, query: Floats) -> tuple[Places, Floats]:
        """Return the rows that there are from `first_row` on, and their cosines."""
        cosines = self._columns.vectors.cosines(first_row, self._length, query)
        live = np.flatnonzero(self._live[first_row:])
        return first_row + live, cosines[live]

    def _nearest(self, rows: Places, cosines: Floats, count: int) -> Neighbours:
        """Return the nearest of `rows`, nearest first; numbers decide between rounded cosines."""
        if count < len(rows):
            last = np.partition(cosines, len(rows) - count)[len(rows) - count]
            near = np.flatnonzero(cosines >= last - 10.0**-DIGITS)
            rows, cosines = rows[near], cosines[near]
        return self._neighbours(rows, cosines).nearest(count)

    def scan(self, query: Floats) -> Neighbours:
        """Return all samples by rising number."""
        cosines = self._columns.vectors.cosines(0, self._length, query)
        which = np.flatnonzero(self._live)
        return self._neighbours(which, cosines[which])

    def of(self, numbers: Numbers, query: Floats) -> Neighbours:
        """Return those of the samples `numbers` that there are, by rising number."""
        which = self.rows_of(np.unique(np.asarray(numbers, np.int64)))
        return self._neighbours(which, self._columns.vectors.cosines_at(which, query))

    def changed(self, added: Rows, gone: Sequence[int]) -> "BruteIndex":
        """Return the index with the rows `added` less the samples `gone`."""
        columns = self._columns.with_room(self._length, len(added))
        columns.append(added)
        live = np.concatenate((self._live, np.ones(len(added), np.bool_)))
        if not len(gone):
            return BruteIndex(columns, live)
        every = BruteIndex(columns, live)
        left = live.copy()
        left[every.rows_of(np.array(gone, np.int64))] = False
        return BruteIndex(columns, left)

    def rows_of(self, numbers: Numbers) -> Places:
        """Return the rows of those samples that there are, in the order of `numbers`."""
        rows = np.searchsorted(self._columns.numbers[: self._length], numbers)
        inside = rows[rows < self._length]
        found = self._columns.numbers[inside] == numbers[rows < self._length]
        result: Places = inside[found & self._live[inside]]
        return result

    def vectors_of(self, numbers: Numbers) -> Floats:
        """Return the vectors of those of the samples that there are, in the order of `numbers`."""
        return self._columns.vectors.rows(self.rows_of(numbers))

    def live_rows(self) -> Rows:
        """Return a copy of all samples by rising number."""
        return self._columns.rows(np.flatnonzero(self._live))

    def chunks(self, size: int, *, last: int | None = None) -> Iterator[Rows]:
        """Yield copies of all samples by rising number, `size` at a time, none above `last`."""
        which = np.flatnonzero(self._live)
        if last is not None:
            which = which[: self.live_up_to(last)]
        for at in range(0, len(which), size):
            yield self._columns.rows(which[at : at + size])

    def live_numbers(self, *, after: int = 0) -> Numbers:
        """Return the numbers of all samples, or of those above `after`, rising."""
        rows = slice(self.rows_up_to(after), self._length)
        return self._columns.numbers[rows][self._live[rows]]

    def live_photos(self) -> Numbers:
        """Return the number of the photo of each sample, in the order of `live_numbers`."""
        return self._columns.photos[: self._length][self._live]

    def rows_up_to(self, number: int) -> int:
        """Return how many rows, hidden ones included, have at most `number`."""
        return int(np.searchsorted(self._columns.numbers[: self._length], number, side="right"))

    def live_up_to(self, number: int) -> int:
        """Return how many samples have at most `number`."""
        return int(np.count_nonzero(self._live[: self.rows_up_to(number)]))

    @property
    def is_sparse(self) -> bool:
        """Whether so many rows are hidden that packing the others pays."""
        hidden = self._length - len(self)
        return self._length >= _COMPACT_FROM and hidden > _MOST_HIDDEN * self._length

    def packed(self) -> "BruteIndex":
        """Return the same samples in fewer rows; this index stays as it is."""
        vectors, places = self._columns.vectors.packed(self._live)
        return BruteIndex(self._columns.picked(places, vectors), self._live[places])

    def comes_of(self, before: "BruteIndex") -> bool:
        """Return whether changes, without packing, led from `before` to this index."""
        return self._columns.vectors is before._columns.vectors and self._length >= before._length

    def caught_up(self, before: "BruteIndex", now: "BruteIndex") -> "BruteIndex | None":
        """Return this index, packed of `before`, with the changes that led from that to `now`.

        None where `now` does not come of `before` by changes.
        """
        if not now.comes_of(before):
            return None
        length = before._length
        left = before._live & ~now._live[:length]
        new = length + np.flatnonzero(now._live[length:])
        gone = before._columns.numbers[:length][left]
        return self.changed(now._columns.rows(new), gone.tolist())

    def _neighbours(self, which: Places, cosines: Floats) -> Neighbours:
        columns = self._columns
        return Neighbours(
            columns.numbers[which],
            columns.photos[which],
            columns.confidences[which],
            rounded(cosines),
        )
