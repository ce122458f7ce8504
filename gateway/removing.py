"""Photos out of the library: noted, rows first, then files; settling.py ends what a crash left."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from common import errors
from common.samples import PhotoFacts
from gateway import steps
from gateway.files import Files
from gateway.keeping import Results, Trash
from gateway.services import TRANSIENT, Catalogue

log = logging.getLogger(__name__)
EMPTY_EVERY_S = 3600.0
DAY_S = 24 * 3600
BATCH = 200
Anew = Awaitable[errors.SemapixError | None]


async def removed(files: Files, catalogue: Catalogue, photo_ids: Sequence[str]) -> Results:
    """Remove photos for good; return what went wrong with each. Raises Unavailable.

    A photo is noted before its row goes, so that its files are found after a crash.
    """
    async with files.claims.holding(*photo_ids):
        await steps.whole(files.spool.note, *photo_ids)
        results = await catalogue.delete(photo_ids)
        for photo_id, error in zip(photo_ids, results, strict=True):
            if error is None or isinstance(error, errors.NotFound):
                await steps.whole(files.remove, photo_id)
            else:
                files.spool.settled(photo_id)
    return results


async def trashed(files: Files, trash: Trash, photo_ids: Sequence[str]) -> Results:
    """Move photos into the trash; return what went wrong with each. Raises Unavailable."""
    async with files.claims.holding(*photo_ids):
        await steps.whole(files.spool.note, *photo_ids)
        results = await trash.trash(photo_ids)
        for photo_id, error in zip(photo_ids, results, strict=True):
            if error is None:
                await steps.whole(files.thumbnails.clear, photo_id)
            if error is None or not isinstance(error, errors.NotFound):
                files.spool.settled(photo_id)
    return results


async def restored(
    files: Files, trash: Trash, photo_ids: Sequence[str], *, anew: Callable[[PhotoFacts], Anew]
) -> Results:
    """Bring photos back from the trash; return what went wrong with each. Raises Unavailable.

    `anew` embeds one that went there before the library was embedded with another model.
    """
    async with files.claims.holding(*photo_ids):
        results = await trash.untrash(photo_ids)
        for at, error in enumerate(results):
            if isinstance(error, errors.Mismatch):
                page = await trash.trashed(photo_ids=[photo_ids[at]])
                results[at] = await anew(page.photos[0].facts) if page.photos else error
    return results


async def emptied(
    files: Files, trash: Trash, photo_ids: Sequence[str] = (), *, before_s: int = 0
) -> AsyncIterator[tuple[int, int]]:
    """Delete what is in the trash for good, or these photos; yield how many of how many so far.

    Only photos trashed before `before_s` are deleted, 0 is all. Raises Unavailable.
    """
    page = await trash.trashed(size=BATCH, before_s=before_s, photo_ids=photo_ids)
    total = page.total if not photo_ids and not before_s else len(photo_ids)
    deleted = 0
    yield deleted, total
    while page.photos:
        await _purge(files, trash, [one.facts.photo_id for one in page.photos])
        deleted += len(page.photos)
        yield deleted, max(total, deleted)
        if not page.next_token:
            return
        page = await trash.trashed(
            size=BATCH, token=page.next_token, before_s=before_s, photo_ids=photo_ids
        )


async def _purge(files: Files, trash: Trash, photo_ids: Sequence[str]) -> None:
    async with files.claims.holding(*photo_ids):
        await steps.whole(files.spool.note, *photo_ids)
        results = await trash.purge(photo_ids)
        for photo_id, error in zip(photo_ids, results, strict=True):
            if error is None:
                await steps.whole(files.remove, photo_id)
            else:  # it came back since the trash was listed
                files.spool.settled(photo_id)


async def keep_emptying(files: Files, trash: Trash, *, after_days: float) -> None:
    """Delete for good what has been in the trash for `after_days`; 0 is never."""
    while after_days:
        try:
            async for deleted, _ in emptied(
                files, trash, before_s=int(time.time() - after_days * DAY_S)
            ):
                log.info("%d photos were in the trash for %g days", deleted, after_days)
        except (*TRANSIENT, OSError) as error:
            log.info("the trash is emptied later: %s", error)
        await asyncio.sleep(EMPTY_EVERY_S)
