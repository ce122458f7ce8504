"""What was rejected: listed, tried again from the bytes that were kept, forgotten."""

import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from common import errors
from common.imports import Rejection
from gateway import steps
from gateway.files import Files
from gateway.importing import Importer
from gateway.ledger import RejectionBook, RejectionPage
from gateway.receiving import Imported, Received
from gateway.runs import Runs


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
        found = {one.rejection_id: one for one in await self._book.rejections_of(rejection_ids)}
        photos: list[Received] = []
        for number in dict.fromkeys(rejection_ids):
            photo = await self._taken(number, found.get(number))
            if isinstance(photo, Received):
                photos.append(photo)
            else:
                yield number, photo
        async with (
            self._runs.joined("") as run,
            aclosing(self._importer.outcomes_again(photos, run)) as outcomes,
        ):
            async for imported in outcomes:
                yield imported.item, imported

    async def _taken(self, number: int, rejection: Rejection | None) -> Received | errors.NotFound:
        """Return a rejected photo as if it had been sent just now."""
        if rejection is None:
            return errors.NotFound(f"nothing rejected has the number {number}")
        if not self.kept(rejection):
            return errors.NotFound(f"the bytes of {rejection.source} were not kept: send it again")
        upload = self._files.spool.receive()
        upload.finish()
        source = self._files.quarantine.path(rejection.photo_id)
        await steps.whole(shutil.copyfile, source, upload.path)
        upload.size = upload.path.stat().st_size
        return Received(number, rejection.source, rejection.photo_id, upload)

    async def forget(self, rejection_ids: Sequence[int]) -> int:
        """Take rejections off the list and drop their bytes; return how many were on it."""
        forgotten, photo_ids = await self._book.forget(rejection_ids)
        for photo_id in photo_ids:
            await steps.whole(self._files.quarantine.drop, photo_id)
        return forgotten
