"""What a crash, or an answer that got lost, left between rows and files: it is put right."""

import asyncio
import logging

from common import errors
from gateway import records, steps
from gateway.books import Books
from gateway.files import Files
from gateway.keeping import in_trash
from gateway.services import TRANSIENT

log = logging.getLogger(__name__)
SETTLE_EVERY_S = 15.0
DOUBTFUL_AFTER_S = 120.0
NOBODY = "0" * 64


class Settler:
    """Looks after photos that were noted before their rows or files changed."""

    def __init__(self, files: Files, books: Books) -> None:
        self._files, self._books = files, books

    async def run(self) -> None:
        """Settle what gateways that died left behind, and what is in doubt later on."""
        left: set[str] = set()
        tidy = False
        while True:
            left |= await self._adopted()
            # Young notes belong to photos under way, or to a commit that may still take place.
            left.update(self._files.spool.unsettled(older_than_s=DOUBTFUL_AFTER_S))
            left = {photo_id for photo_id in sorted(left) if not await self._settled(photo_id)}
            await asyncio.sleep(SETTLE_EVERY_S)
            # By now what a gateway was writing when it died is older than any draft under way.
            tidy = tidy or await self._tidied()

    async def _tidied(self) -> bool:
        """Return whether the drafts that gateways that died have left are gone."""
        try:
            await steps.whole(self._files.references.drop_drafts)
        except OSError as error:
            log.warning("drafts that a crash left are dropped later: %s", error)
            return False
        return True

    async def _adopted(self) -> set[str]:
        """Return what gateways that died had noted; a full disk keeps it for later."""
        try:
            return set(await steps.whole(self._files.spool.adopt_abandoned))
        except (errors.Overloaded, OSError) as error:
            log.warning("what a crash left is looked at later: %s", error)
            return set()

    async def _settled(self, photo_id: str) -> bool:
        """Return whether the photo is settled; what hinders it is logged and hinders no other."""
        try:
            await self.settle(photo_id)
        except TRANSIENT as error:
            log.info("%s; files without a row are removed later", error)
        except Exception:  # a photo that nobody foresaw must not hold up the others
            log.exception("photo %s cannot be settled; it is tried again", photo_id)
        else:
            return True
        return False

    async def settle(self, photo_id: str) -> None:
        """Remove the files of a noted photo that no row wants. Raises Unavailable."""
        files, books = self._files, self._books
        async with files.claims.holding(photo_id):
            if photo_id not in files.spool.unsettled():
                return
            # What was asked for before a crash may be on its way. The index writes in turn: it
            # answers to the removal of nobody after that.
            await books.catalogue.delete([NOBODY])
            known = await records.knows(books.catalogue, photo_id)
            if known or not await books.reject(photo_id):
                await steps.whole(files.quarantine.drop, photo_id)
            if known:
                files.spool.settled(photo_id)
            elif await in_trash(books.trash, photo_id):
                await steps.whole(files.thumbnails.clear, photo_id)
                files.spool.settled(photo_id)
            else:
                log.info("removing what was left of photo %s", photo_id)
                await steps.whole(files.remove, photo_id)
