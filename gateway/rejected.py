"""What was rejected: listed, tried again from the bytes that were kept, forgotten."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from common import errors
from common.imports import Outcome, Rejection
from gateway import steps
from gateway.files import Files
from gateway.importing import Importer
from gateway.ledger import RejectionBook, RejectionPage
from gateway.receiving import Imported, Received
from gateway.runs import Runs
from gateway.spool import TooManyBytes
from gateway.unpacking import Found

CHUNK_BYTES = 2**20


class Rejected:
    """The rejected photos of one library."""

    def __init__(self, book: RejectionBook, files: Files, importer: Importer, runs: Runs) -> None:
        self._book, self._files, self._importer, self._runs = book, files, importer, runs

    async def page(self, *, size: int, token: str, import_id: str) -> RejectionPage:
        """Return a page of the list, newest first."""
        return await self._book.rejections(size=size, token=token, import_id=import_id)

    def kept(self, rejection: Rejection) -> bool:
        """Return whether its bytes were kept."""
        return self._files.quarantine.has(rejection.photo_id)

    async def retried(
        self, rejection_ids: Sequence[int]
    ) -> AsyncGenerator[tuple[int, Imported | errors.NotFound]]:
        """Yield what becomes of each when it is imported again, or why it cannot be."""
        listed = {one.rejection_id: one for one in await self._book.rejections_of(rejection_ids)}
        photos: list[Rejection] = []
        for number in dict.fromkeys(rejection_ids):
            rejection = listed.get(number)
            if rejection is None:
                yield number, errors.NotFound(f"nothing rejected has the number {number}")
            elif not self.kept(rejection):
                complaint = f"the bytes of {rejection.source} were not kept: send it again"
                yield number, errors.NotFound(complaint)
            else:
                photos.append(rejection)
        async with (
            self._runs.joined("") as run,
            aclosing(self._importer.outcomes_of(self._taken(photos), run)) as outcomes,
        ):
            async for imported in outcomes:
                yield imported.item, imported

    async def _taken(self, photos: Sequence[Rejection]) -> AsyncGenerator[Found]:
        """Yield rejected photos as if they had been sent just now."""
        for photo in photos:
            yield await steps.whole(self._copied, photo)

    def _copied(self, photo: Rejection) -> Found:
        number, upload = photo.rejection_id, self._files.spool.receive()
        try:
            with self._files.quarantine.path(photo.photo_id).open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    upload.add(chunk)
            return Received(number, photo.source, upload.finish(), upload)
        except (TooManyBytes, OSError) as error:
            upload.discard()
            message = f"its bytes cannot be taken out again: {error}"
            return Imported(number, photo.source, Outcome.FAILED, message=message)

    async def forget(self, rejection_ids: Sequence[int]) -> int:
        """Take rejections off the list and drop their bytes; return how many were on it."""
        listed = await self._book.rejections_of(rejection_ids)
        photo_ids = {one.photo_id for one in listed if one.photo_id}
        async with self._files.claims.holding(*photo_ids):
            await steps.whole(self._files.spool.note, *photo_ids)
            forgotten, unnamed = await self._book.forget(rejection_ids)
            for photo_id in unnamed:
                await steps.whole(self._files.quarantine.drop, photo_id)
            self._files.spool.settled(*photo_ids)
        return forgotten
