"""The vectors of a kind in blocks that are written once and never moved.

A larger buffer would have to be copied whole into the next one, inside a change and with both in
memory for a while; a block that is full is left alone, and indices that follow one another share
it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from common.vectors import Floats

Places = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
SIZE = 8_192
_MOST_HIDDEN = 0.25


def cosines_of(vectors: Floats, query: Floats) -> Floats:
    """Return the products of unit rows (n, d) with a unit vector (d,), float32, shape (n,).

    Row by row in one thread: as fast as a matrix product, which is bound by memory, deaf to what
    else the processor does, and the same for equal rows wherever they stand.
    """
    return np.asarray(np.vecdot(vectors, query), np.float32)


class Blocks:
    """Rows of float32, shape (used, d). Rows below `used` never change; one writer appends."""

    def __init__(self, dimension: int, full: Sequence[Floats] = ()) -> None:
        self.dimension = dimension
        self._blocks = list(full)
        self._starts = [0, *np.cumsum([len(block) for block in full]).tolist()]
        self.used: int = self._starts[-1]

    def append(self, vectors: Floats) -> None:
        """Write rows behind the last one."""
        while len(vectors):
            if self.used == self._starts[-1]:
                self._blocks.append(np.empty((SIZE, self.dimension), np.float32))
                self._starts.append(self.used + SIZE)
            room = self._starts[-1] - self.used
            place = self.used - self._starts[-2]
            self._blocks[-1][place : place + room][: len(vectors)] = vectors[:room]
            self.used += min(room, len(vectors))
            vectors = vectors[room:]

    def up_to(self, length: int) -> "Blocks":
        """Return the first `length` rows with nothing behind; blocks that lie below are shared."""
        whole = int(np.searchsorted(self._starts, length, side="right")) - 1
        part = Blocks(self.dimension, self._blocks[:whole])
        for _, rows in self.spans(part.used, length):
            part.append(rows)
        return part

    def spans(self, start: int, stop: int) -> Iterator[tuple[int, Floats]]:
        """Yield the rows from `start` to `stop` as views, each with the place of its first row."""
        for block, (low, high) in zip(self._blocks, pairwise(self._starts), strict=False):
            first, last = max(start, low), min(stop, high)
            if first < last:
                yield first, block[first - low : last - low]

    def rows(self, places: Places) -> Floats:
        """Return the rows at `places`, in their order, shape (len(places), d)."""
        order = None if np.all(places[:-1] <= places[1:]) else np.argsort(places)
        rising = places if order is None else places[order]
        found = np.empty((len(places), self.dimension), np.float32)
        bounds = np.searchsorted(rising, self._starts).tolist()
        for block, (low, high) in enumerate(pairwise(bounds)):
            if low < high:
                own = rising[low:high] - self._starts[block]
                target = slice(low, high) if order is None else order[low:high]
                found[target] = self._blocks[block][own]
        return found

    def cosines(self, start: int, stop: int, query: Floats) -> Floats:
        """Return the cosines of the rows from `start` to `stop` to `query`, (stop - start,)."""
        found = np.empty(max(stop - start, 0), np.float32)
        for first, rows in self.spans(start, stop):
            found[first - start : first - start + len(rows)] = cosines_of(rows, query)
        return found

    def cosines_at(self, places: Places, query: Floats) -> Floats:
        """Return the cosines of the rows at `places`, which rise, to `query`, (len(places),)."""
        found = np.empty(len(places), np.float32)
        bounds = np.searchsorted(places, self._starts).tolist()
        for block, (low, high) in enumerate(pairwise(bounds)):
            if low < high:
                own = self._blocks[block][places[low:high] - self._starts[block]]
                found[low:high] = cosines_of(own, query)
        return found

    def packed(self, live: Mask) -> tuple["Blocks", Places]:
        """Return blocks without most rows that are not `live`, and which rows are left in them.

        `live` is of the first rows; later ones are left out. Blocks with few hidden rows are shared
        as they are, so that only what is written anew takes memory twice.
        """
        full: list[Floats] = []
        kept: list[Places] = []
        pending = Blocks(self.dimension)
        for first, rows in self.spans(0, len(live)):
            own = live[first : first + len(rows)]
            if np.count_nonzero(own) >= (1 - _MOST_HIDDEN) * len(rows):
                full += [*pending._trimmed(), rows]
                pending = Blocks(self.dimension)
                kept.append(np.arange(first, first + len(rows)))
            else:
                pending.append(rows[own])
                kept.append(first + np.flatnonzero(own))
        places = np.concatenate(kept) if kept else np.zeros(0, np.intp)
        return Blocks(self.dimension, [*full, *pending._trimmed()]), places

    def _trimmed(self) -> list[Floats]:
        """Return the blocks, the last one copied if it has room: views would keep the room."""
        blocks = [rows for _, rows in self.spans(0, self.used)]
        if blocks and len(blocks[-1]) < SIZE:
            blocks[-1] = blocks[-1].copy()
        return blocks
