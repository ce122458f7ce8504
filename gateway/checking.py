"""Is everything there that the catalogue names, as it was imported, and nothing else?

Photos may come and go while it looks: what seems wrong is looked at again with the photo's lock
held before it is told.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from common import errors, images
from common.samples import PhotoFacts
from gateway import disk, steps
from gateway.books import Books
from gateway.files import Files
from gateway.keeping import Checked, Checking, Finding, Trouble
from gateway.mending import Mending
from gateway.strays import Strays

log = logging.getLogger(__name__)
BATCH = 200
WHOLE = (Trouble.WHOLE, Trouble.VECTOR)


class Checker:
    """Looks at one library, and repairs what loses nothing where that is asked for."""

    def __init__(self, files: Files, books: Books, *, index: Checking, mending: Mending) -> None:
        self._files, self._books, self._index, self._mending = files, books, index, mending
        self._strays = Strays(files, books, mending)

    async def checked(self, *, repair: bool) -> AsyncIterator[Checked]:
        """Yield how far it is and what is wrong. Raises Unavailable without the index."""
        async for one in self._index.checked(repair=repair):
            yield await self._whole_again(one) if repair else one
        async for one in self._originals(repair=repair):
            yield one
        async for one in self._strays.checked(repair=repair):
            yield one

    async def _whole_again(self, one: Checked) -> Checked:
        """Give a photo that lacks the vector of the whole photo another one."""
        finding = one.finding
        if finding is None or finding.repaired or finding.trouble not in WHOLE:
            return one
        try:
            await self._mending.embed_again(finding.id)
        except (errors.SemapixError, images.BadImage, OSError) as error:
            log.warning("photo %s cannot be embedded again: %s", finding.id, error)
            return one
        return Checked(one.step, one.done, one.total, finding.mended(by=True))

    async def _originals(self, *, repair: bool) -> AsyncIterator[Checked]:
        done = 0
        async for photos, total in self._photos():
            for facts in photos:
                done += 1
                finding = await self._original(facts, repair=repair)
                if finding:
                    yield Checked("originals", done, max(total, done), finding)
            yield Checked("originals", done, max(total, done))

    async def _photos(self) -> AsyncIterator[tuple[Sequence[PhotoFacts], int]]:
        """Yield all photos, then those in the trash, in pages, and how many there are."""
        in_the_trash = (await self._books.trash.trashed(size=1)).total
        token = ""
        while True:
            page = await self._books.catalogue.page(size=BATCH, token=token)
            yield [entry.facts for entry in page.entries], page.total + in_the_trash
            token = page.next_token
            if not token:
                break
        total = page.total
        while True:
            trashed = await self._books.trash.trashed(size=BATCH, token=token)
            yield [one.facts for one in trashed.photos], total + trashed.total
            token = trashed.next_token
            if not token:
                return

    async def _original(self, facts: PhotoFacts, *, repair: bool) -> Finding | None:
        path = self._files.originals.path(facts.photo_id)
        if not await steps.whole(_trouble, path, facts.photo_id):
            return await self._stale(facts.photo_id, repair=repair)
        async with self._files.claims.holding(facts.photo_id):
            trouble = await steps.whole(_trouble, path, facts.photo_id)
            if trouble is None or not await self._books.keep(facts.photo_id):
                return None
            finding = Finding(trouble, facts.photo_id, _sentence(trouble, path))
            mended = repair and await steps.whole(self._mending.fetch_again, facts)
            return finding.mended(by=mended)

    async def _stale(self, photo_id: str, *, repair: bool) -> Finding | None:
        """Look at an original outside the library that has its bytes: it must be what was noted."""
        async with self._files.claims.holding(photo_id):
            try:
                await steps.whole(self._files.originals.check, photo_id)
            except errors.DataLoss:
                if not await self._books.keep(photo_id):
                    return None
                mended = repair and await steps.whole(self._mending.refer_again, photo_id)
                path = self._files.originals.path(photo_id)
                message = f"{path} has another date than when it was imported, and the same bytes"
                return Finding(Trouble.REFERENCE_STALE, photo_id, message, repaired=mended)
        return None


def _trouble(path: Path, photo_id: str) -> Trouble | None:
    """Return what is wrong with an original, None if nothing is."""
    try:
        sha256 = disk.sha256(path)
    except FileNotFoundError:
        return Trouble.ORIGINAL_MISSING
    except OSError as error:
        log.warning("%s cannot be read: %s", path, error)
        return Trouble.ORIGINAL_DAMAGED
    return None if sha256 == photo_id else Trouble.ORIGINAL_DAMAGED


def _sentence(trouble: Trouble, path: Path) -> str:
    if trouble is Trouble.ORIGINAL_MISSING:
        return (
            f"{path} is missing: put it back, import the photo again, or restore it from a backup"
        )
    return f"{path} has other bytes than were imported: restore it from a backup"
