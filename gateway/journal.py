"""What became of photos, written down in batches: those that wait go together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from common import errors
from common.imports import Item
from gateway.ledger import ItemBook
from gateway.patience import Patience

MOST = 500


@dataclass(frozen=True, slots=True)
class _Waiting:
    import_id: str
    item: Item
    done: "asyncio.Future[None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Journal:
    """Writes outcomes into the book; each is durable once its `note` returns."""

    def __init__(self, book: ItemBook, patience: Patience) -> None:
        self._book, self._patience = book, patience
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write what comes until the block ends."""
        worker = asyncio.create_task(self._work())
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def note(self, import_id: str, item: Item) -> None:
        """Return once it is written. Raises NotFound, Unavailable after the patience."""
        waiting = _Waiting(import_id, item)
        await self._queue.put(waiting)
        await waiting.done

    async def _work(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            for import_id in dict.fromkeys(one.import_id for one in batch):
                await self._write(import_id, [one for one in batch if one.import_id == import_id])

    async def _write(self, import_id: str, batch: list[_Waiting]) -> None:
        items = [one.item for one in batch]
        try:
            await self._patience.until_done(lambda: self._book.note(import_id, items))
        except asyncio.CancelledError:
            _end(batch, errors.Unavailable("the gateway is stopping"))
            raise
        except Exception as error:  # whatever it is, it belongs to the imports, not to the worker
            _end(batch, error)
        else:
            _end(batch, None)


def _end(batch: list[_Waiting], error: Exception | None) -> None:
    for one in batch:
        if one.done.done():
            continue
        if error:
            one.done.set_exception(error)
        else:
            one.done.set_result(None)
