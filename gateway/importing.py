"""Streams of photos: received, each on its way in when it is its turn, outcomes as they come."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from common import errors
from common.imports import Outcome
from gateway import in_place, steps
from gateway.admission import Admission
from gateway.archives import ArchiveLimits
from gateway.flow import Flow
from gateway.receiving import Imported, Piece, Received, Receiver
from gateway.runs import Run, cancelled
from gateway.spool import Spool
from gateway.unpacking import Found, unpacked

Outcomes = asyncio.Queue[Imported | None]
CLOSE_S = 5.0


class Importer:
    """Takes streams; a photo that was received is finished, whatever becomes of its client."""

    def __init__(
        self,
        spool: Spool,
        admission: Admission,
        flow: Flow,
        *,
        most_bytes: int,
        limits: ArchiveLimits,
    ) -> None:
        self._spool, self._admission, self._flow = spool, admission, flow
        self._most_bytes, self._limits = most_bytes, limits
        self._tasks: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        """Give what is on its way a moment, then let go of it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def outcomes(self, pieces: AsyncIterator[Piece], run: Run) -> AsyncGenerator[Imported]:
        """Yield the outcome of each photo as soon as it is known.

        Raises InvalidInput for a stream out of order, Cancelled for an import that is cancelled;
        each after the photos before it had their outcome.
        """
        found = unpacked(self._received(pieces), self._spool, self._limits)
        return self.outcomes_of(found, run)

    async def _received(self, pieces: AsyncIterator[Piece]) -> AsyncGenerator[Found]:
        receiver = Receiver(self._spool)
        # Filled in the thread: what it received is not lost when the client goes away meanwhile.
        ready: deque[Found] = deque()
        try:
            async for piece in pieces:
                await steps.whole(lambda one: ready.extend(receiver.take(one)), piece)
                while ready:
                    yield ready.popleft()
            for last in receiver.end():
                yield last
        finally:
            receiver.end()
            for left in ready:
                if isinstance(left, Received):
                    left.upload.discard()

    def outcomes_of_paths(self, paths: AsyncIterator[Path], run: Run) -> AsyncGenerator[Imported]:
        """Yield the outcome of each photo by its path, which stays where it lies."""
        found = in_place.found(
            paths, photo_bytes=self._most_bytes, archive_bytes=self._limits.unpacked_bytes
        )
        return self.outcomes_of(unpacked(found, self._spool, self._limits), run)

    async def outcomes_of(self, found: AsyncGenerator[Found], run: Run) -> AsyncGenerator[Imported]:
        """Yield the outcome of what is found, as soon as it is known."""
        stream = _Stream(found, run)
        # Not bounded: an outcome is small, and a client may send everything before it reads any.
        outcomes: Outcomes = asyncio.Queue()
        reading = self._task(self._read(stream, outcomes))
        stream.run.streams.add(reading)
        reading.add_done_callback(stream.run.streams.discard)
        try:
            while (outcome := await outcomes.get()) is not None:
                yield outcome
            await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, stream: "_Stream", outcomes: Outcomes) -> None:
        broken: errors.SemapixError | None = None
        try:
            try:
                async with contextlib.aclosing(stream.found):
                    async for found in stream.found:
                        await self._begin(found, stream, outcomes)
            except errors.InvalidInput as error:
                broken = error
            except asyncio.CancelledError:
                if not stream.run.cancelled:  # the client went away; what is begun is finished
                    raise
                broken = cancelled(stream.run.import_id)
            if stream.begun:
                await asyncio.wait(stream.begun)
        finally:
            outcomes.put_nowait(None)
        if broken:
            raise broken

    async def _begin(self, found: Found, stream: "_Stream", outcomes: Outcomes) -> None:
        """Start on a photo once it is its turn; until then no more of the stream is read."""
        upload = found.upload if isinstance(found, Received) else None
        try:
            await stream.run.going.wait()
            if stream.run.cancelled:
                raise asyncio.CancelledError
            await self._flow.enter()
        except asyncio.CancelledError:
            if upload:
                upload.discard()
            raise
        stream.run.in_flight += 1
        task = self._task(self._finish(found, stream, outcomes))
        stream.begun[task] = found.item
        # Not in the task: one that is cancelled before its first step would never get there.
        task.add_done_callback(lambda _: self._left(stream, upload.discard if upload else None))
        task.add_done_callback(lambda done: stream.begun.pop(done))

    def _left(self, stream: "_Stream", discard: Callable[[], None] | None) -> None:
        self._flow.leave()
        stream.run.in_flight -= 1
        if discard:
            discard()

    async def _finish(self, found: Found, stream: "_Stream", outcomes: Outcomes) -> None:
        if isinstance(found, Received):
            imported = await self._admission.outcome(found, stream.run)
        else:
            await stream.others_of(found)
            imported = await self._admission.told(stream.judged(found), stream.run)
        if imported.outcome is Outcome.FAILED:
            stream.failed.add(imported.item)
        outcomes.put_nowait(imported)

    def _task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class _Stream:
    """One stream: what it brings, what of it is on its way, and which archives lost a photo."""

    def __init__(self, found: AsyncGenerator[Found], run: Run) -> None:
        self.found, self.run = found, run
        self.begun: dict[asyncio.Task[None], int] = {}
        self.failed: set[int] = set()

    async def others_of(self, archive: Imported) -> None:
        """Wait for the photos of an archive: its own outcome comes last."""
        own = [
            task
            for task, item in self.begun.items()
            if item == archive.item and task is not asyncio.current_task()
        ]
        if own and not archive.entry:
            await asyncio.wait(own)

    def judged(self, archive: Imported) -> Imported:
        """Return the outcome of an archive, FAILED where one of its photos has failed."""
        if archive.outcome is Outcome.UNPACKED and archive.item in self.failed:
            message = "not all of its photos could be imported: import it again"
            return replace(archive, outcome=Outcome.FAILED, message=message)
        return archive
