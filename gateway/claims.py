"""Locks by photo: whatever adds or removes a photo holds its id, so that the steps never mix."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Claims:
    """One lock per photo id, kept while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._interested: dict[str, int] = {}

    @contextlib.asynccontextmanager
    async def holding(self, *photo_ids: str) -> AsyncIterator[None]:
        """Hold all of `photo_ids` for the block; always taken in the same order."""
        async with contextlib.AsyncExitStack() as stack:
            for photo_id in sorted(set(photo_ids)):
                await stack.enter_async_context(self._one(photo_id))
            yield

    @contextlib.asynccontextmanager
    async def _one(self, photo_id: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(photo_id, asyncio.Lock())
        self._interested[photo_id] = self._interested.get(photo_id, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._interested[photo_id] -= 1
            if not self._interested[photo_id]:
                del self._interested[photo_id], self._locks[photo_id]
