"""Files that belong to nobody: found by a check, and moved aside or dropped where that is asked.

What seems to be nobody's is looked at again with the photo's lock held before it is told.
"""

import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from common import errors
from gateway import disk, steps
from gateway.books import Books
from gateway.files import Files
from gateway.keeping import Checked, Finding, Trouble
from gateway.mending import Mending

BATCH = 200
STEP = "files"
Suspect = tuple[Trouble, Path]


class Strays:
    """Looks through the files of one library."""

    def __init__(self, files: Files, books: Books, mending: Mending) -> None:
        self._files, self._books, self._mending = files, books, mending

    async def checked(self, *, repair: bool) -> AsyncIterator[Checked]:
        """Yield how far it is and what belongs to nobody. Raises Unavailable without the index."""
        found = await steps.whole(self._files.stored)
        for at in range(0, len(found), BATCH):
            part = found[at : at + BATCH]
            for trouble, path in await self._suspects(part):
                finding = await self._stray(trouble, path, repair=repair)
                if finding:
                    yield Checked(STEP, at, len(found), finding)
            yield Checked(STEP, at + len(part), len(found))
        async for finding in self._strangers(repair=repair):
            yield Checked(STEP, len(found), len(found), finding)
        async for finding in self._rejected(repair=repair):
            yield Checked(STEP, len(found), len(found), finding)
        for folder in await steps.whole(self._files.spool.abandoned):
            mended = repair and await steps.whole(_removed, folder)
            message = "uploads of a gateway that is gone: they take room and nothing else"
            finding = Finding(Trouble.ORPHAN_UPLOAD, folder.name, message, repaired=mended)
            yield Checked(STEP, len(found), len(found), finding)

    async def _suspects(self, part: Sequence[Suspect]) -> list[Suspect]:
        ids = [path.name for _, path in part]
        entries = await self._books.catalogue.entries(ids, samples=False)
        trashed = await self._books.trash.trashed(size=BATCH, photo_ids=ids)
        kept = {one.facts.photo_id for one in trashed.photos}
        return [
            one
            for one, entry in zip(part, entries, strict=True)
            if isinstance(entry, errors.SemapixError) and one[1].name not in kept
        ]

    async def _stray(self, trouble: Trouble, path: Path, *, repair: bool) -> Finding | None:
        async with self._files.claims.holding(path.name):
            # An upload under way, or what is about to be settled, is noted and left alone.
            noted = path.name in await steps.whole(self._files.spool.noted_anywhere)
            if noted or not await steps.whole(path.exists) or await self._books.keep(path.name):
                return None
            if trouble is Trouble.ORPHAN_THUMBNAIL:
                mended = repair and await steps.whole(_removed, path)
                message = "thumbnails of a photo that there is not"
                return Finding(trouble, path.name, message, repaired=mended)
            mended = repair and await steps.whole(self._mending.set_aside, path)
            return Finding(trouble, path.name, self._nobodys(path), repaired=mended)

    def _nobodys(self, path: Path) -> str:
        return f"{path} belongs to no photo: it is moved to {self._mending.aside}"

    async def _strangers(self, *, repair: bool) -> AsyncIterator[Finding]:
        """Yield the files that bear no photo's id: drafts that a crash left, and what else is."""
        for path in await steps.whole(self._files.strangers):
            mended = repair and await steps.whole(self._mending.set_aside, path)
            message = self._nobodys(path)
            yield Finding(Trouble.ORPHAN_ORIGINAL, path.name, message, repaired=mended)

    async def _rejected(self, *, repair: bool) -> AsyncIterator[Finding]:
        """Yield what is wrong with the bytes that are kept of rejected photos."""
        paths = await steps.whole(self._files.quarantine.paths)
        for at in range(0, len(paths), BATCH):
            part = paths[at : at + BATCH]
            named = await self._books.rejections.named([path.name for path in part])
            for path in part:
                if path.name in named and await steps.whole(_is_itself, path):
                    continue
                finding = await self._bad_rejected(path, repair=repair)
                if finding:
                    yield finding

    async def _bad_rejected(self, path: Path, *, repair: bool) -> Finding | None:
        async with self._files.claims.holding(path.name):
            noted = path.name in await steps.whole(self._files.spool.noted_anywhere)
            if noted or not await steps.whole(path.exists):
                return None
            message = self._nobodys(path)
            if await self._books.reject(path.name):
                if await steps.whole(_is_itself, path):
                    return None
                message = f"{path} has other bytes than were rejected: send the photo again"
            give_away = self._files.quarantine.give_away
            mended = repair and await steps.whole(give_away, path, self._mending.set_aside)
            return Finding(Trouble.ORPHAN_REJECTED, path.name, message, repaired=mended)


def _is_itself(path: Path) -> bool:
    """Return whether a file has the bytes that its name says; one that is gone is no trouble."""
    try:
        return disk.sha256(path) == path.name
    except OSError:
        return not path.exists()


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder)
    return True
