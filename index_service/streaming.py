"""All vectors of one revision, a chunk at a time."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager

from common.samples import Kind
from index_service import reading
from index_service.changes import VectorSample


class VectorStream:
    """Reads one moment of the catalogue to its end; memory holds one chunk.

    Any thread may call, and close while another still reads.
    """

    def __init__(
        self,
        lend: Callable[[], AbstractContextManager[sqlite3.Connection]],
        kinds: Collection[Kind],
        *,
        chunk: int,
    ) -> None:
        self._lock = threading.Lock()
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(lend())
            self.meta = reading.meta(connection)
            self.total = reading.vector_count(connection, kinds)
            self.mark = reading.mark(connection)
            self._chunks = reading.vector_samples(connection, kinds, chunk=chunk)
            self._open = stack.pop_all()
        self._is_first, self._is_closed = True, False

    def next(self) -> list[VectorSample] | None:
        """Return the next chunk, None after the last. The first is there even when it is empty."""
        with self._lock:
            if self._is_closed:
                return None
            chunk = next(self._chunks, [] if self._is_first else None)
            self._is_first = False
            return chunk

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._is_closed = True
            self._chunks.close()
            self._open.close()
