"""An archive that was received becomes its photos, one at a time, each with an outcome."""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from common import picture_names
from common.imports import Outcome
from common.samples import Reason
from gateway import archive_tar, archive_zip, archives, sniffing, steps
from gateway.archives import (
    ArchiveEnds,
    ArchiveEntry,
    ArchiveLimits,
    BadEntry,
    Budget,
    Content,
    Exhausted,
    Form,
)
from gateway.receiving import MAX_SOURCE_CHARS, Imported, Received
from gateway.references import Reference
from gateway.spool import Spool, TooManyBytes, Upload

CHUNK_BYTES = 2**20
NOT_MEANT = "__MACOSX"  # what a Mac adds to each zip: a folder of files that are no photos
Found = Received | Imported


async def unpacked(
    found: AsyncGenerator[Found], spool: Spool, limits: ArchiveLimits
) -> AsyncGenerator[Found]:
    """Yield what is found, and instead of an archive its photos, then what became of itself."""
    async with contextlib.aclosing(found):
        async for one in found:
            form = await _form(one)
            if form is None or not isinstance(one, Received):
                yield one
                continue
            async with contextlib.aclosing(_photos_of(one, form, spool, limits=limits)) as photos:
                async for photo in photos:
                    yield photo


async def _photos_of(
    archive: Received, form: Form, spool: Spool, *, limits: ArchiveLimits
) -> AsyncGenerator[Found]:
    entries = _Unpacking(archive, spool, limits).found(form)
    # Filled in the thread: what it unpacked is not lost when nobody waits for it any more.
    ready: deque[Found] = deque()

    def read_on() -> bool:
        ready.extend(itertools.islice(entries, 1))
        return bool(ready)

    try:
        while await steps.whole(read_on):
            yield ready.popleft()
    finally:
        await steps.whole(entries.close)
        for left in (*ready, archive):
            if isinstance(left, Received):
                left.upload.discard()


async def _form(found: Found) -> Form | None:
    if isinstance(found, Imported):
        return None
    try:
        return await steps.whole(form_in_file, found.upload.path)
    except asyncio.CancelledError:
        found.upload.discard()
        raise
    except OSError:  # whoever takes it for a photo says so
        return None


def form_in_file(path: Path) -> Form | None:
    """Return what form of archive a file has, None if it is none. Raises OSError."""
    with path.open("rb") as file:
        return archives.form_of(file.read(archives.HEAD_BYTES))


class _Unpacking:
    """One archive while it is read, with the archives in it."""

    def __init__(self, archive: Received, spool: Spool, limits: ArchiveLimits) -> None:
        self._archive, self._spool = archive, spool
        self._budget = Budget(limits, archive.upload.size)
        self._number = self._photos = self._left_out = 0

    def found(self, form: Form) -> Generator[Found, None, None]:
        """Yield what became of each entry, then of the archive."""
        outcome = Imported(self._archive.item, self._archive.source, Outcome.UNPACKED)
        try:
            yield from self._within(self._archive.upload, form, outcome.source, depth=1)
        except ArchiveEnds as error:
            yield _because(outcome, error.reason, f"{error.message} ({self._counted()})")
        except OSError as error:
            yield _failed(outcome, error)
        else:
            yield replace(outcome, message=self._counted())

    def _counted(self) -> str:
        left_out = f", {self._left_out:,} other files were left out" if self._left_out else ""
        return f"{self._photos:,} photos were found in it{left_out}"

    def _within(
        self, upload: Upload | Reference, form: Form, prefix: str, *, depth: int
    ) -> Iterator[Found]:
        with upload.path.open("rb") as file:
            for entry in _entries(file, self._budget, form):
                name = entry.name.encode(errors="replace").decode()
                yield from self._entry(entry, f"{prefix}/{name}"[:MAX_SOURCE_CHARS], depth=depth)

    def _entry(self, entry: ArchiveEntry, source: str, *, depth: int) -> Iterator[Found]:
        if _is_hidden(entry.name):
            self._left_out += 1
            return
        self._number += 1
        outcome = Imported(self._archive.item, source, Outcome.ADDED, entry=self._number)
        try:
            yield from self._read(entry, outcome, depth=depth)
        except BadEntry as error:
            yield _because(outcome, Reason.DAMAGED, str(error))
        except TooManyBytes as error:
            yield _because(outcome, Reason.TOO_LARGE, str(error))
        except OSError as error:
            yield _failed(outcome, error)

    def _read(self, entry: ArchiveEntry, outcome: Imported, *, depth: int) -> Iterator[Found]:
        if entry.refused or entry.content is None:
            refused = entry.refused or archives.SPECIAL
            yield _because(outcome, refused.reason, refused.message)
            return
        head = _head(entry.content)
        form = archives.form_of(head) if picture_names.is_archive(entry.name) else None
        if not form and not _is_meant(entry.name, head):
            self._left_out += 1
        elif form and depth >= self._budget.limits.depth:
            most = self._budget.limits.depth
            yield _because(outcome, Reason.ARCHIVE_LIMIT, f"archives lie more than {most} deep")
        elif form:
            upload = self._spooled(head, entry.content, nest=True)
            yield from self._nested(upload, form, outcome, depth=depth)
        else:
            self._photos += 1
            yield self._photo(self._spooled(head, entry.content, nest=False), outcome)

    def _photo(self, upload: Upload, outcome: Imported) -> Found:
        photo_id = upload.finish()
        if not upload.size:
            upload.discard()
            return _because(outcome, Reason.EMPTY, "it has no bytes")
        return Received(outcome.item, outcome.source, photo_id, upload, outcome.entry)

    def _nested(
        self, upload: Upload, form: Form, outcome: Imported, *, depth: int
    ) -> Iterator[Found]:
        upload.finish()
        try:
            yield from self._within(upload, form, outcome.source, depth=depth + 1)
        except Exhausted:
            raise
        except ArchiveEnds as error:
            yield _because(outcome, error.reason, error.message)
        finally:
            upload.discard()

    def _spooled(self, head: bytes, content: Content, *, nest: bool) -> Upload:
        """Return the bytes of an entry under a name of ours, open for more."""
        upload = self._spool.receive(archive=nest)
        with contextlib.ExitStack() as spoiled:
            spoiled.callback(upload.discard)
            upload.add(head)
            while chunk := content.read(CHUNK_BYTES):
                upload.add(chunk)
            spoiled.pop_all()
        return upload


def _entries(file: BinaryIO, budget: Budget, form: Form) -> Iterator[ArchiveEntry]:
    if form is Form.ZIP:
        return archive_zip.entries(file, budget)
    return archive_tar.entries(file, budget, form=form)


def _head(content: Content) -> bytes:
    head = b""
    while len(head) < archives.HEAD_BYTES and (chunk := content.read(archives.HEAD_BYTES)):
        head += chunk
    return head


def _is_hidden(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return NOT_MEANT in parts or any(part.startswith(".") and part.strip(".") for part in parts)


def _is_meant(name: str, head: bytes) -> bool:
    """Return whether an entry is named like a picture, or begins like one."""
    return picture_names.is_picture(name) or sniffing.begins_picture(head)


def _because(outcome: Imported, reason: Reason, message: str) -> Imported:
    return replace(outcome, outcome=Outcome.REJECTED, reason=reason, message=message)


def _failed(outcome: Imported, error: OSError) -> Imported:
    message = f"it cannot be stored: {error.strerror or error}"
    return replace(outcome, outcome=Outcome.FAILED, message=message)
