"""Uploads under way, and a note of every photo whose files and row may disagree after a crash.

Each running gateway has a folder of its own in the spool, locked while it lives. What lies in a
folder that nobody locks was left by a crash: uploads are dropped, notes are settled (settling.py).
"""

import contextlib
import fcntl
import hashlib
import math
import shutil
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from gateway import archives, disk

NOTES = "unsettled"
LOCK = "lock"


class TooManyBytes(Exception):
    """The upload is larger than a photo may be."""


class Upload:
    """One photo while it is received: hashed and written piece by piece, under a limit of bytes.

    `archive_limit` holds instead for bytes that begin like an archive.
    """

    def __init__(self, path: Path, *, limit: int, archive_limit: int) -> None:
        self.path, self.size = path, 0
        self._limit, self._archive_limit = limit, archive_limit
        self._hash = hashlib.sha256()
        self._file: BinaryIO = path.open("xb")

    def add(self, chunk: bytes) -> None:
        """Take the next piece. Raises TooManyBytes."""
        if not self.size and archives.form_of(chunk):
            self._limit = self._archive_limit
        self.size += len(chunk)
        if self.size > self._limit:
            raise TooManyBytes(f"it has more than {self._limit:,} bytes")
        self._hash.update(chunk)
        self._file.write(chunk)

    def finish(self) -> str:
        """End the upload and return the photo id."""
        self._file.close()
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Remove what was received, unless it has moved on."""
        with contextlib.suppress(OSError):  # what a full disk did not take is not wanted any more
            self._file.close()
        self.path.unlink(missing_ok=True)


class Spool:
    """The spool of one running gateway, below `folder`."""

    def __init__(self, folder: Path, *, limit: int, archive_limit: int | None = None) -> None:
        self._root, self._limit = folder, limit
        self._archive_limit = archive_limit or limit
        self._own = folder / uuid.uuid4().hex
        self._notes = self._own / NOTES
        disk.make_folder(self._notes)
        self._lock = _locked(self._own)

    def receive(self, *, archive: bool = True) -> Upload:
        """Return a new, empty upload, for an archive too if `archive`."""
        path = self._own / f"{uuid.uuid4().hex}.part"
        most = self._archive_limit if archive else self._limit
        return Upload(path, limit=self._limit, archive_limit=most)

    def note(self, *photo_ids: str) -> None:
        """Note, durably, that the files of these photos may be without a row from now on.

        Raises Overloaded when the disk is full.
        """
        with disk.needing_room(self._root):
            for photo_id in photo_ids:
                (self._notes / photo_id).touch()
            disk.sync_folder(self._notes)

    def settled(self, *photo_ids: str) -> None:
        """Drop the note: files and row of these photos agree."""
        for photo_id in photo_ids:
            (self._notes / photo_id).unlink(missing_ok=True)

    def unsettled(self, *, older_than_s: float = 0.0) -> list[str]:
        """Return the photos that have been noted for that long."""
        before = time.time() - older_than_s
        return sorted(path.name for path in self._notes.iterdir() if _noted_at(path) <= before)

    def noted_anywhere(self) -> set[str]:
        """Return the photos that any gateway has noted, one that died included."""
        return {one for folder in self._root.iterdir() for one in _noted(folder)}

    def abandoned(self) -> list[Path]:
        """Return the folders of gateways that died."""
        folders = [path for path in sorted(self._root.iterdir()) if path.is_dir()]
        return [folder for folder in folders if folder != self._own and _is_free(folder)]

    def adopt_abandoned(self) -> list[str]:
        """Take over the notes of gateways that died, drop their uploads; return what is noted."""
        for folder in sorted(self._root.iterdir()):
            if folder == self._own or not folder.is_dir():
                continue
            lock = _locked(folder)
            if lock is None:
                continue
            self.note(*_noted(folder))
            shutil.rmtree(folder)
            lock.close()
        return self.unsettled()

    def close(self) -> None:
        """Remove the folder if nothing is noted in it, and give up the lock."""
        if self._lock is None:
            return
        if not self.unsettled():
            shutil.rmtree(self._own)
        self._lock.close()
        self._lock = None


def _noted_at(note: Path) -> float:
    """Return when a note was made, in seconds since 1970; never for one that is gone by now."""
    try:
        return note.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _noted(folder: Path) -> Sequence[str]:
    notes = folder / NOTES
    return [path.name for path in notes.iterdir()] if notes.is_dir() else []


def _is_free(folder: Path) -> bool:
    lock = _locked(folder)
    if lock:
        lock.close()
    return lock is not None


def _locked(folder: Path) -> BinaryIO | None:
    """Return an open, locked file, None when another process holds the lock."""
    file = (folder / LOCK).open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
