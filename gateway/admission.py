"""One photo's way in: decoded, embedded, stored, committed; what became of it is written down."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from common import errors, images
from common.imports import Item, Outcome
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
from gateway.decoder_wire import Prepared
from gateway.embedding_queue import EmbeddingQueue, WholeVector
from gateway.files import Files
from gateway.journal import Journal
from gateway.receiving import Imported, Received
from gateway.records import PatientRecords
from gateway.references import Reference
from gateway.runs import Run
from gateway.services import Update

log = logging.getLogger(__name__)


class Admission:
    """Brings single photos into the library."""

    def __init__(
        self,
        files: Files,
        records: PatientRecords,
        *,
        queue: EmbeddingQueue,
        journal: Journal,
        added: Callable[[], None],
    ) -> None:
        self._files, self._records, self._queue = files, records, queue
        self._journal, self._added = journal, added

    async def outcome(self, photo: Received, run: Run) -> Imported:
        """Return what became of a photo, written down; whatever goes wrong is an outcome."""
        try:
            imported = await self._brought_in(photo, run)
        except Exception as error:  # one bad photo never fails its batch
            imported = _spoiled(photo, error)
        if imported.outcome is not Outcome.REJECTED:
            return await self.told(imported, run)
        async with self._files.claims.holding(photo.photo_id):
            # Listed first: bytes that nothing on the list names would be nobody's after a crash.
            await self.told(imported, run)
            await self._quarantined(photo)
        return imported

    async def told(self, imported: Imported, run: Run) -> Imported:
        """Return the outcome once it is written down; not being able to is logged."""
        # One that is new is written down with its photo.
        if imported.outcome is not Outcome.ADDED:
            await self._written(imported, run)
        run.settled()
        return imported

    async def _written(self, imported: Imported, run: Run) -> None:
        message = imported.message if imported.outcome is Outcome.REJECTED else ""
        item = Item(
            imported.source,
            imported.photo_id,
            imported.outcome,
            imported.reason,
            message,
        )
        try:
            await self._journal.note(run.import_id, item)
        except errors.SemapixError as error:
            log.warning("the outcome of %s is not on record: %s", imported.source, error)

    async def _brought_in(self, photo: Received, run: Run) -> Imported:
        async with self._files.claims.holding(photo.photo_id):
            if await self._records.knows(photo.photo_id):
                # A library that lost an original gets it back.
                await steps.whole(self._files.keep_original, photo.photo_id, photo.upload)
                return imported_as(photo, Outcome.DUPLICATE)
            if await self._records.brought_back(photo.photo_id):
                await steps.whole(self._files.keep_original, photo.photo_id, photo.upload)
                imported = imported_as(photo, Outcome.ADDED)
                await self._written(imported, run)
                return imported
            await self._added_new(photo, run)
        self._added()
        return imported_as(photo, Outcome.ADDED)

    async def _added_new(self, photo: Received, run: Run) -> None:
        prepared = await self._files.pictures.from_file(photo.upload.path)
        whole = await self._queue.embed(prepared.jpeg)
        await steps.whole(self._files.keep, photo.photo_id, photo.upload)
        if isinstance(photo.upload, Reference):
            keep = self._files.thumbnails.keep_largest
            await steps.whole(keep, photo.photo_id, prepared.jpeg)
        try:
            await self._put(photo, prepared, whole, run)
        except errors.Mismatch:  # the library has vectors of another model since
            await self._queue.doubt()
            await self._put(photo, prepared, await self._queue.embed(prepared.jpeg), run)
        # One that was rejected before may get in: by a newer decoder, or because disks recover.
        await steps.whole(self._files.quarantine.drop, photo.photo_id)
        self._files.spool.settled(photo.photo_id)

    async def _put(self, photo: Received, prepared: Prepared, whole: WholeVector, run: Run) -> None:
        update = _update(photo, prepared, whole, import_id=run.import_id)
        await self._records.put(update, fingerprint=whole.encoder.fingerprint)

    async def _quarantined(self, photo: Received) -> None:
        """Keep the bytes for another try; without them it has to be sent again."""
        if isinstance(photo.upload, Reference):
            return
        try:
            await steps.whole(self._files.quarantine.keep, photo.photo_id, photo.upload)
        except OSError as error:
            log.warning("the bytes of %s are not kept: %s", photo.source, error)


def imported_as(photo: Received, outcome: Outcome) -> Imported:
    """Return an outcome of a photo."""
    return Imported(photo.item, photo.source, outcome, photo.photo_id, entry=photo.entry)


def _update(photo: Received, prepared: Prepared, whole: WholeVector, *, import_id: str) -> Update:
    facts = PhotoFacts(
        photo_id=photo.photo_id,
        width=prepared.width,
        height=prepared.height,
        bytes=photo.upload.size,
        format=prepared.format,
        sources=(photo.source,) if photo.source else (),
        imported_at_s=int(time.time()),
        taken=prepared.taken,
        perceptual_hash=prepared.perceptual_hash,
        pixel_hash=prepared.pixel_hash,
        sharpness=prepared.sharpness,
    )
    sample = Sample(sample_id(photo.photo_id, Kind.PHOTO, WHOLE_PHOTO), photo.photo_id, Kind.PHOTO)
    record = StageRecord(Stage.WHOLE, whole.encoder.model)
    second = whole.made(sample.sample_id)
    return Update(facts, record, ((sample, whole.vector),), import_id, second)


def _spoiled(photo: Received, error: Exception) -> Imported:
    """Return the outcome of a photo that `error` befell; what nobody foresaw goes into the log."""
    failed = replace(imported_as(photo, Outcome.FAILED), message=str(error))
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
    reasons = {
        images.NotAnImage: Reason.NOT_AN_IMAGE,
        images.TooLargeImage: Reason.TOO_LARGE,
        images.UndecodableImage: Reason.UNDECODABLE,
    }
    return next((why for kind, why in reasons.items() if isinstance(error, kind)), Reason.DAMAGED)
