"""A photo's way in: received, decoded, embedded, stored, committed; an outcome for each."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from common import errors, images
from common.samples import (
    WHOLE_PHOTO,
    Kind,
    PhotoFacts,
    Reason,
    Sample,
    Stage,
    StageRecord,
    sample_id,
)
from gateway import steps
from gateway.embedding_queue import EmbeddingQueue, WholeVector
from gateway.files import Files
from gateway.flow import Flow
from gateway.pictures import Prepared
from gateway.receiving import Imported, Outcome, Piece, Received, Receiver
from gateway.records import PatientRecords
from gateway.services import Update

log = logging.getLogger(__name__)
Outcomes = asyncio.Queue[Imported | None]


class Importer:
    """Brings photos into the library."""

    def __init__(
        self,
        files: Files,
        records: PatientRecords,
        *,
        queue: EmbeddingQueue,
        flow: Flow,
        added: Callable[[], None],
    ) -> None:
        self._files, self._records, self._queue = files, records, queue
        self._flow = flow
        self._added = added

    async def outcomes(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[Imported]:
        """Yield the outcome of each photo as soon as it is known.

        Raises InvalidInput for a stream out of order, after the photos before it had their outcome.
        """
        # Not bounded: an outcome is small, and a client may send everything before it reads any.
        outcomes: Outcomes = asyncio.Queue()
        work = asyncio.create_task(self._run(pieces, outcomes))
        try:
            while (outcome := await outcomes.get()) is not None:
                yield outcome
            await work
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _run(self, pieces: AsyncIterator[Piece], outcomes: Outcomes) -> None:
        receiver = Receiver(self._files.spool)
        broken: errors.InvalidInput | None = None
        # Filled in the thread: what it received is not lost when the client goes away meanwhile.
        ready: deque[Received | Imported] = deque()
        try:
            async with asyncio.TaskGroup() as tasks:
                try:
                    async for piece in pieces:
                        await steps.whole(lambda one: ready.extend(receiver.take(one)), piece)
                        while ready:
                            await self._begin(ready.popleft(), outcomes, tasks=tasks)
                except errors.InvalidInput as error:
                    broken = error
                for found in receiver.end():
                    await self._begin(found, outcomes, tasks=tasks)
        finally:
            receiver.end()
            for left in ready:
                if isinstance(left, Received):
                    left.upload.discard()
            outcomes.put_nowait(None)
        if broken:
            raise broken

    async def _begin(
        self, found: Received | Imported, outcomes: Outcomes, *, tasks: asyncio.TaskGroup
    ) -> None:
        """Start on a photo once it is its turn; until then no more of the stream is read."""
        if isinstance(found, Imported):
            outcomes.put_nowait(found)
            return
        try:
            await self._flow.enter()
        except asyncio.CancelledError:
            found.upload.discard()
            raise
        task = tasks.create_task(self._finish(found, outcomes))
        # Not in the task: one that is cancelled before its first step would never get there.
        task.add_done_callback(lambda _: self._flow.leave())
        task.add_done_callback(lambda _: found.upload.discard())

    async def _finish(self, photo: Received, outcomes: Outcomes) -> None:
        try:
            imported = await self._brought_in(photo)
        except Exception as error:  # one bad photo never fails its batch
            imported = _spoiled(photo, error)
        outcomes.put_nowait(imported)

    async def _brought_in(self, photo: Received) -> Imported:
        async with self._files.claims.holding(photo.photo_id):
            if await self._records.knows(photo.photo_id):
                # A library that lost an original gets it back.
                await steps.whole(self._files.originals.keep, photo.photo_id, photo.upload)
                return _imported(photo, Outcome.DUPLICATE)
            prepared = await self._files.pictures.from_file(photo.upload.path)
            whole = await self._queue.embed(prepared.jpeg)
            await steps.whole(self._files.keep, photo.photo_id, photo.upload)
            update = _update(photo, prepared, whole)
            await self._records.put(update, fingerprint=whole.encoder.fingerprint)
            self._files.spool.settled(photo.photo_id)
        self._added()
        return _imported(photo, Outcome.ADDED)


def _imported(photo: Received, outcome: Outcome) -> Imported:
    return Imported(photo.item, photo.source, outcome, photo.photo_id, entry=photo.entry)


def _update(photo: Received, prepared: Prepared, whole: WholeVector) -> Update:
    facts = PhotoFacts(
        photo_id=photo.photo_id,
        width=prepared.width,
        height=prepared.height,
        bytes=photo.upload.size,
        format=prepared.format,
        sources=(photo.source,) if photo.source else (),
        imported_at_s=int(time.time()),
    )
    sample = Sample(sample_id(photo.photo_id, Kind.PHOTO, WHOLE_PHOTO), photo.photo_id, Kind.PHOTO)
    record = StageRecord(Stage.WHOLE, whole.encoder.model)
    return Update(facts, record, ((sample, whole.vector),))


def _spoiled(photo: Received, error: Exception) -> Imported:
    """Return the outcome of a photo that `error` befell; what nobody foresaw goes into the log."""
    failed = replace(_imported(photo, Outcome.FAILED), message=str(error))
    if isinstance(error, errors.InvalidInput):
        rejected = replace(failed, outcome=Outcome.REJECTED, reason=_reason(error))
        return replace(rejected, message=error.complaint)
    if isinstance(error, errors.SemapixError):
        return failed
    log.error("importing %s failed", photo.source, exc_info=error)
    if isinstance(error, OSError):
        return replace(failed, message=f"it cannot be stored: {error.strerror or error}")
    return replace(failed, message="internal error, see the log of the gateway")


def _reason(error: errors.InvalidInput) -> Reason:
    if isinstance(error, images.NotAnImage):
        return Reason.NOT_AN_IMAGE
    return Reason.TOO_LARGE if isinstance(error, images.TooLargeImage) else Reason.DAMAGED
