"""Photos out of the library: rows first, then files; what a crash left between is finished."""

import asyncio
import logging
from collections.abc import Sequence

from common import errors
from gateway import records, steps
from gateway.files import Files
from gateway.services import TRANSIENT, Catalogue

log = logging.getLogger(__name__)
SETTLE_EVERY_S = 15.0
DOUBTFUL_AFTER_S = 120.0
NOBODY = "0" * 64


async def removed(
    files: Files, catalogue: Catalogue, photo_ids: Sequence[str]
) -> list[errors.SemapixError | None]:
    """Remove photos; return what went wrong with each. Raises Unavailable without the index.

    A photo is noted before its row goes, so that `settle` finds its files after a crash.
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


async def settle(files: Files, catalogue: Catalogue, photo_id: str) -> None:
    """Remove the files of a noted photo unless the catalogue has it. Raises Unavailable."""
    async with files.claims.holding(photo_id):
        if photo_id not in files.spool.unsettled():
            return
        # What was asked for before a crash may be on its way. The index writes in turn: it answers
        # to the removal of nobody after that.
        await catalogue.delete([NOBODY])
        if await records.knows(catalogue, photo_id):
            files.spool.settled(photo_id)
        else:
            log.info("removing what was left of photo %s", photo_id)
            await steps.whole(files.remove, photo_id)


async def keep_settling(files: Files, catalogue: Catalogue) -> None:
    """Settle what a crash left behind, and what an answer that got lost leaves behind later on."""
    doubtful = await steps.whole(files.spool.adopt_abandoned)
    while True:
        doubtful = [one for one in doubtful if not await _settled(files, catalogue, one)]
        await asyncio.sleep(SETTLE_EVERY_S)
        # Young notes belong to photos under way, or to a commit that may still take place.
        doubtful = sorted({*doubtful, *files.spool.unsettled(older_than_s=DOUBTFUL_AFTER_S)})


async def _settled(files: Files, catalogue: Catalogue, photo_id: str) -> bool:
    """Return whether the photo is settled; what hinders it is logged and hinders no other."""
    try:
        await settle(files, catalogue, photo_id)
    except TRANSIENT as error:
        log.info("%s; files without a row are removed later", error)
    except Exception:
        log.exception("photo %s cannot be settled; it is tried again", photo_id)
    else:
        return True
    return False
