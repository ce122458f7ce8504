"""Imports as a whole: begun where there is room, watched, and spared what is known."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from common import errors
from common.imports import ImportRecord, ImportState, Item, Outcome
from gateway import steps
from gateway.ledger import ImportBook, ItemBook
from gateway.originals import Originals
from gateway.runs import Run, Runs, new_id

WATCH_EVERY_S = 1.0
MIB = 2**20


class Book(ImportBook, ItemBook, Protocol):
    """Imports, and what became of their photos."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An import with what is under way; `remaining_s` is None where nobody can know."""

    record: ImportRecord
    in_flight: int = 0
    photos_per_s: float = 0.0
    remaining_s: float | None = None


class Imports:
    """The imports of one library; its files lie in `folder`."""

    def __init__(
        self, runs: Runs, book: Book, originals: Originals, *, folder: Path, spare_bytes: int
    ) -> None:
        self.runs, self._book, self._originals = runs, book, originals
        self._folder, self._spare_bytes = folder, spare_bytes

    async def create(self, record: ImportRecord) -> Progress:
        """Begin an import, or go on with a known one. Raises Mismatch if there is no room."""
        wanted = 0 if record.in_place else record.total_bytes
        await steps.whole(self._check_room, wanted)
        named = record if record.import_id else replace(record, import_id=new_id())
        return self.progress(await self.runs.begin(named))

    def progress(self, record: ImportRecord) -> Progress:
        """Return the import with what is under way here."""
        run = self.runs.find(record.import_id)
        if run is None:
            return Progress(record)
        per_s = run.speed.per_s if record.state is ImportState.RUNNING else 0.0
        left = max(record.total - record.settled, 0)
        remaining_s = left / per_s if record.total and per_s else None
        return Progress(record, run.in_flight, per_s, remaining_s)

    async def now(self, import_id: str) -> Progress:
        """Return the import as it is now. Raises NotFound."""
        return self.progress(await self._book.record(import_id))

    async def page(self, *, size: int, token: str) -> tuple[list[Progress], str]:
        """Return a page of imports, newest first, and the token of the next."""
        page = await self._book.records(size=size, token=token)
        return [self.progress(record) for record in page.records], page.next_token

    async def watched(self, import_id: str) -> AsyncGenerator[Progress]:
        """Yield the import now and every second until it is over. Raises NotFound."""
        while True:
            progress = await self.now(import_id)
            yield progress
            if progress.record.state not in (ImportState.RUNNING, ImportState.PAUSED):
                return
            await asyncio.sleep(WATCH_EVERY_S)

    async def settled(self, import_id: str, offers: Sequence[Item]) -> list[Outcome | None]:
        """Return the outcome of each photo that need not be sent, None for one that has to.

        Raises NotFound; Cancelled for an import that was cancelled.
        """
        run = await self.runs.run(import_id)
        found = await self._book.look_up(import_id, offers)
        kept = await steps.whole(lambda: [self._with_original(item) for item in found])
        known = [item for item in kept if item.outcome is Outcome.DUPLICATE]
        if known:
            await self._book.note(import_id, known)
        _count(run, kept)
        return [item.outcome for item in kept]

    def _with_original(self, item: Item) -> Item:
        """Return the item; one whose original was lost has to be sent again."""
        if item.outcome not in (Outcome.ADDED, Outcome.DUPLICATE):
            return item
        try:
            self._originals.check(item.photo_id)
        except errors.DataLoss:
            return replace(item, outcome=None)
        return item if self._originals.has(item.photo_id) else replace(item, outcome=None)

    def _check_room(self, wanted: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < wanted + self._spare_bytes:
            raise errors.Mismatch(
                f"the disk of {self._folder} has {free // MIB:,} MiB free; the photos take"
                f" {wanted // MIB:,} MiB and {self._spare_bytes // MIB:,} MiB are to stay free"
                " (gateway.spare_bytes): make room, or import fewer"
            )


def _count(run: Run, items: Sequence[Item]) -> None:
    for item in items:
        if item.outcome:
            run.settled()
