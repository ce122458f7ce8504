"""Is everything there that the catalogue names, as it was imported, and nothing else?

Photos may come and go while it looks: what seems wrong is looked at again with the photo's lock
held before it is told.
"""

import hashlib
import logging
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from common import errors, images
from common.samples import PhotoFacts
from gateway import records, steps
from gateway.files import Files
from gateway.keeping import Checked, Checking, Finding, Trash, Trouble, in_trash
from gateway.mending import Mending
from gateway.services import Catalogue

log = logging.getLogger(__name__)
BATCH = 200
WHOLE = (Trouble.WHOLE, Trouble.VECTOR)


class Checker:
    """Looks at one library, and repairs what loses nothing where that is asked for."""

    def __init__(
        self, files: Files, catalogue: Catalogue, trash: Trash, *, index: Checking, mending: Mending
    ) -> None:
        self._files, self._catalogue, self._trash = files, catalogue, trash
        self._index, self._mending = index, mending

    async def checked(self, *, repair: bool) -> AsyncIterator[Checked]:
        """Yield how far it is and what is wrong. Raises Unavailable without the index."""
        async for one in self._index.checked(repair=repair):
            yield await self._whole_again(one) if repair else one
        async for one in self._originals(repair=repair):
            yield one
        async for one in self._orphans(repair=repair):
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
        in_the_trash = (await self._trash.trashed(size=1)).total
        token = ""
        while True:
            page = await self._catalogue.page(size=BATCH, token=token)
            yield [entry.facts for entry in page.entries], page.total + in_the_trash
            token = page.next_token
            if not token:
                break
        total = page.total
        while True:
            trashed = await self._trash.trashed(size=BATCH, token=token)
            yield [one.facts for one in trashed.photos], total + trashed.total
            token = trashed.next_token
            if not token:
                return

    async def _original(self, facts: PhotoFacts, *, repair: bool) -> Finding | None:
        path = self._files.originals.path(facts.photo_id)
        if not await steps.whole(_trouble, path, facts.photo_id):
            return None
        async with self._files.claims.holding(facts.photo_id):
            trouble = await steps.whole(_trouble, path, facts.photo_id)
            if trouble is None or not await self._is_kept(facts.photo_id):
                return None
            finding = Finding(trouble, facts.photo_id, _sentence(trouble, path))
            mended = repair and await steps.whole(self._mending.fetch_again, facts)
            return finding.mended(by=mended)

    async def _is_kept(self, photo_id: str) -> bool:
        known = await records.knows(self._catalogue, photo_id)
        return known or await in_trash(self._trash, photo_id)

    async def _orphans(self, *, repair: bool) -> AsyncIterator[Checked]:
        """Look at files that belong to no photo; an upload under way is noted and left alone."""
        found = await steps.whole(self._files.stored)
        for at in range(0, len(found), BATCH):
            part = found[at : at + BATCH]
            for trouble, path in await self._unknown(part):
                finding = await self._orphan(trouble, path, repair=repair)
                if finding:
                    yield Checked("files", at, len(found), finding)
            yield Checked("files", at + len(part), len(found))
        for folder in await steps.whole(self._files.spool.abandoned):
            mended = repair and await steps.whole(_removed, folder)
            message = "uploads of a gateway that is gone: they take room and nothing else"
            finding = Finding(Trouble.ORPHAN_UPLOAD, folder.name, message, repaired=mended)
            yield Checked("files", len(found), len(found), finding)

    async def _unknown(self, part: Sequence[tuple[Trouble, Path]]) -> list[tuple[Trouble, Path]]:
        ids = [path.name for _, path in part]
        entries = await self._catalogue.entries(ids, samples=False)
        kept = {one.facts.photo_id for one in (await self._trash.trashed(photo_ids=ids)).photos}
        return [
            one
            for one, entry in zip(part, entries, strict=True)
            if isinstance(entry, errors.SemapixError) and one[1].name not in kept
        ]

    async def _orphan(self, trouble: Trouble, path: Path, *, repair: bool) -> Finding | None:
        async with self._files.claims.holding(path.name):
            noted = path.name in await steps.whole(self._files.spool.noted_anywhere)
            if noted or not await steps.whole(path.exists) or await self._is_kept(path.name):
                return None
            if trouble is Trouble.ORPHAN_THUMBNAIL:
                mended = repair and await steps.whole(_removed, path)
                message = "thumbnails of a photo that there is not"
                return Finding(trouble, path.name, message, repaired=mended)
            mended = repair and await steps.whole(self._mending.set_aside, path)
            message = f"{path} belongs to no photo: it is moved to {self._mending.aside}"
            return Finding(trouble, path.name, message, repaired=mended)


def _trouble(path: Path, photo_id: str) -> Trouble | None:
    """Return what is wrong with an original, None if nothing is."""
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return Trouble.ORIGINAL_MISSING
    except OSError as error:
        log.warning("%s cannot be read: %s", path, error)
        return Trouble.ORIGINAL_DAMAGED
    return None if sha256 == photo_id else Trouble.ORIGINAL_DAMAGED


def _sentence(trouble: Trouble, path: Path) -> str:
    if trouble is Trouble.ORIGINAL_MISSING:
        return f"{path} is missing: import the photo again, or restore it from a backup"
    return f"{path} has other bytes than were imported: restore it from a backup"


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder)
    return True
