"""The vectors of one kind that belong to some photos alone, compared with one by one."""

from collections.abc import Callable

import numpy as np

from common.vectors import Floats
from index_service.changes import Numbers
from index_service.indices import Index, rows_of
from index_service.vector_index import Neighbours

# From this share on reading all vectors in their order costs less than picking those wanted.
_DENSE = 0.25


class RestrictedIndex:
    """Those samples of an index that belong to `photos`; every answer is exact."""

    is_walked = False

    def __init__(self, index: Index, photos: Numbers) -> None:
        self._index, rows = index, rows_of(index)
        allowed = np.isin(rows.live_photos(), photos)
        self._numbers = rows.live_numbers()[allowed]
        self._dense = len(self._numbers) > _DENSE * len(allowed)
        self._compared: tuple[bytes, Neighbours] | None = None

    def __len__(self) -> int:
        return len(self._numbers)

    def begun(self, query: Floats, count: int) -> Callable[[], Neighbours]:
        """Return what has the `count` nearest samples, nearest first."""
        found = self.scan(query).nearest(count)
        return lambda: found

    def scan(self, query: Floats) -> Neighbours:
        """Return all samples by rising number; asked for the same again, without comparing."""
        key = query.tobytes()
        if self._compared is None or self._compared[0] != key:
            self._compared = key, self._compare(query)
        return self._compared[1]

    def of(self, numbers: Numbers, query: Floats) -> Neighbours:
        """Return those of the samples `numbers` that there are, by rising number."""
        return self._index.of(np.intersect1d(numbers, self._numbers), query)

    def _compare(self, query: Floats) -> Neighbours:
        if not self._dense:
            return self._index.of(self._numbers, query)
        every = self._index.scan(query)
        return every.taken(np.flatnonzero(np.isin(every.numbers, self._numbers)))
