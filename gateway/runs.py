"""Imports that are under way here: who sends photos for them, and whether they may."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator

from common import errors
from common.imports import ImportRecord, ImportState
from gateway.ledger import ImportBook
from gateway.patience import Patience
from gateway.services import TRANSIENT
from gateway.speed import Speed

log = logging.getLogger(__name__)
WINDOW_S = 30.0
TIDY_EVERY_S = 15.0
# A client may pause between two streams, for one service may be starting again.
IDLE_S = 60.0


class Run:
    """One import under way: its streams, what is in flight, and how fast it goes."""

    def __init__(self, import_id: str, *, in_place: bool = False) -> None:
        self.import_id, self.in_place = import_id, in_place
        self.in_flight = 0
        self.speed = Speed(WINDOW_S)
        self.cancelled = False
        # Photos wait for their turn while this is not set.
        self.going = asyncio.Event()
        self.going.set()
        self.moved_at = time.monotonic()
        self.streams: set[asyncio.Task[None]] = set()

    def settled(self) -> None:
        """Count an outcome."""
        self.speed.note()
        self.moved_at = time.monotonic()

    def cancel(self) -> None:
        """Read no more; what is in flight is finished."""
        self.cancelled = True
        self.going.set()
        for stream in tuple(self.streams):
            stream.cancel()

    @property
    def idle(self) -> bool:
        """Whether nobody has sent anything for a while."""
        recent = time.monotonic() - self.moved_at < IDLE_S
        return not self.streams and not self.in_flight and not recent


class Runs:
    """The imports of one gateway; what they are is kept in the book, by their id."""

    def __init__(self, book: ImportBook, patience: Patience) -> None:
        self._book, self._patience = book, patience
        self._runs: dict[str, Run] = {}

    def find(self, import_id: str) -> Run | None:
        """Return the import if it is under way here."""
        return self._runs.get(import_id)

    async def begin(self, record: ImportRecord) -> ImportRecord:
        """Begin an import, or go on with a known one. Raises Unavailable after the patience."""
        opened = await self._patience.until_done(lambda: self._book.open(record))
        run = Run(record.import_id, in_place=opened.in_place)
        self._runs.setdefault(record.import_id, run).going.set()
        return opened

    @contextlib.asynccontextmanager
    async def joined(self, import_id: str) -> AsyncIterator[Run]:
        """Take part in an import for the block; "" is one of its own that ends with the block.

        It is interrupted if the block ends by an error. Raises NotFound; Cancelled for one that
        was cancelled.
        """
        run = await self.run(import_id) if import_id else await self._own()
        try:
            yield run
        except errors.Cancelled:
            raise
        except BaseException:
            await asyncio.shield(self._set(run, ImportState.INTERRUPTED))
            raise
        if not import_id:
            await self._set(run, ImportState.FINISHED)

    async def paused(self, import_id: str) -> ImportRecord:
        """Hold an import. Raises NotFound, Mismatch for one that is over."""
        await self._check_open(import_id)
        record = await self._book.set_state(import_id, ImportState.PAUSED)
        (await self.run(import_id)).going.clear()
        return record

    async def resumed(self, import_id: str) -> ImportRecord:
        """Let an import go on after a pause. Raises NotFound, Mismatch for one that is over."""
        await self._check_open(import_id)
        record = await self._book.set_state(import_id, ImportState.RUNNING)
        run = await self.run(import_id)
        run.speed = Speed(WINDOW_S)  # the pause says nothing of how fast it goes
        run.going.set()
        return record

    async def ended(self, import_id: str, state: ImportState) -> ImportRecord:
        """Finish or cancel an import. Raises NotFound."""
        record = await self._book.set_state(import_id, state)
        run = self._runs.pop(import_id, None)
        if run and state is ImportState.CANCELLED:
            run.cancel()
        return record

    async def keep_tidy(self) -> None:
        """Call interrupted what nobody sends photos for: after a crash, or when a client left."""
        while True:
            try:
                page = await self._book.records(size=1000, state=ImportState.RUNNING)
                for record in page.records:
                    await self._tidy(record.import_id)
            except errors.SemapixError as error:
                log.info("imports are looked through later: %s", error)
            await asyncio.sleep(TIDY_EVERY_S)

    async def _tidy(self, import_id: str) -> None:
        run = self._runs.get(import_id)
        if run is None or run.idle:
            await self._book.set_state(import_id, ImportState.INTERRUPTED)
            self._runs.pop(import_id, None)

    async def run(self, import_id: str) -> Run:
        """Return a run, as the book knows it where it is not under way here.

        Raises NotFound; Cancelled for one that was cancelled.
        """
        if import_id in self._runs:
            return self._runs[import_id]
        record = await self._patience.until_done(lambda: self._book.record(import_id))
        if record.state is ImportState.CANCELLED:
            raise cancelled(import_id)
        run = self._runs.setdefault(import_id, Run(import_id, in_place=record.in_place))
        if record.state is ImportState.PAUSED:
            run.going.clear()
        elif record.state is not ImportState.RUNNING:
            await self._book.set_state(import_id, ImportState.RUNNING)
        return run

    async def _own(self) -> Run:
        """Return a run for a stream that names no import."""
        import_id = new_id()
        try:
            await self.begin(ImportRecord(import_id))
        except TRANSIENT as error:
            # Each photo will find out by itself, and say so.
            log.info("an import has no record: %s", error)
        return self._runs.setdefault(import_id, Run(import_id))

    async def _set(self, run: Run, state: ImportState) -> None:
        if run.streams and state is ImportState.INTERRUPTED:  # another one goes on
            return
        self._runs.pop(run.import_id, None)
        if run.cancelled:
            return
        try:
            await self._book.set_state(run.import_id, state)
        except errors.SemapixError as error:
            log.info("import %s is left as it is: %s", run.import_id, error)

    async def _check_open(self, import_id: str) -> None:
        state = (await self._book.record(import_id)).state
        if state in (ImportState.CANCELLED, ImportState.FINISHED):
            raise errors.Mismatch(f"import {import_id} is {state.name.lower()}: begin another")


def new_id() -> str:
    """Return an id that no import has, its time first."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"


def cancelled(import_id: str) -> errors.Cancelled:
    """Return the end of a stream of an import that was cancelled."""
    return errors.Cancelled(f"import {import_id} was cancelled")
