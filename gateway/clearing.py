"""A library emptied: everything for good, or only thumbnails, which can be made again."""

from collections.abc import AsyncIterator

from common import errors
from gateway import removing, steps
from gateway.analyses_client import AnalysesClient
from gateway.books import Books
from gateway.files import Files
from gateway.rejected import Rejected

Progress = AsyncIterator[tuple[int, int]]
PAGE = 1_000


class Clearing:
    """Deletes what one library holds."""

    def __init__(
        self, files: Files, books: Books, *, rejected: Rejected, analyses: AnalysesClient
    ) -> None:
        self._files, self._books = files, books
        self._rejected, self._analyses = rejected, analyses

    async def everything(self) -> Progress:
        """Delete all photos and the trash, then the rejected, then analyses and names of clusters.

        Yield how many photos of how many are deleted so far. Raises Unavailable.
        """
        async for deleted, total in self._photos():
            yield deleted, total
        while page := (await self._rejected.page(size=PAGE, token="", import_id="")).rejections:
            await self._rejected.forget([one.rejection_id for one in page])
        try:
            await self._analyses.delete_everything()
        except errors.Unavailable as error:
            raise errors.Unavailable(
                f"the photos are deleted, the analyses and names of clusters are not: {error};"
                " clear again once it is back"
            ) from error

    async def _photos(self) -> Progress:
        files, books = self._files, self._books
        in_trash = (await books.trash.trashed(size=1)).total
        page = await books.catalogue.page(size=removing.BATCH)
        deleted, total = 0, page.total + in_trash
        yield deleted, total
        while page.entries:
            ids = [entry.facts.photo_id for entry in page.entries]
            results = await removing.removed(files, books.catalogue, ids)
            deleted += sum(error is None for error in results)
            yield deleted, max(total, deleted)
            page = await books.catalogue.page(size=removing.BATCH)
        async for emptied, _ in removing.emptied(files, books.trash):
            yield deleted + emptied, max(total, deleted + emptied)

    async def thumbnails(self) -> Progress:
        """Delete all thumbnails; yield how many folders of how many so far."""
        folders = await steps.whole(self._files.thumbnails.folders)
        for done, folder in enumerate(folders):
            if done % removing.BATCH == 0:
                yield done, len(folders)
            await steps.whole(self._files.thumbnails.clear, folder.name)
        yield len(folders), len(folders)
