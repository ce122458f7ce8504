"""Files that survive a crash: written, synced, renamed; and the fan-out of their folders."""

import contextlib
import errno
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from common import errors

FULL_RETRY_S = 5.0
_PHOTO_ID = re.compile(r"[0-9a-f]{64}")


def spread(folder: Path, name: str) -> Path:
    """Return folder/ab/cd/name, so that no folder gets too many files."""
    return folder / name[:2] / name[2:4] / name


def is_photo_id(name: str) -> bool:
    """Return whether a file of that name is one of a photo, rather than one being written."""
    return bool(_PHOTO_ID.fullmatch(name))


def photo_files(folder: Path) -> list[Path]:
    """Return what lies in such folders below `folder` under the id of a photo, sorted."""
    return sorted(path for path in folder.glob("??/??/*") if is_photo_id(path.name))


def strangers(folder: Path, *, older_than_s: float) -> list[Path]:
    """Return the files below `folder` that do not lie where the id of a photo puts them, sorted.

    Younger ones are left out: they may be on their way to their place.
    """
    found = list[Path]()
    for where, folders, files in os.walk(folder):
        here = Path(where)
        if here.parent.parent == folder:  # what bears the id of a photo is looked at elsewhere
            folders[:] = [name for name in folders if not is_photo_id(name)]
            files = [name for name in files if not is_photo_id(name)]
        found += [here / name for name in files]
    return sorted(path for path in found if _age_s(path) > older_than_s)


def _age_s(path: Path) -> float:
    """Return how long ago a file was written; one that is gone has just been."""
    try:
        return time.time() - path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex: the id of the photo in it. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_file(path: Path) -> None:
    """Return once the bytes of `path` are on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Return once the names in `folder` are on the disk."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def move_durably(source: Path, target: Path) -> None:
    """Give the finished file `source` its final name; it is there whole or not at all."""
    sync_file(source)
    make_folder(target.parent)
    source.replace(target)
    sync_folder(target.parent)


def write_durably(target: Path, content: bytes) -> None:
    """Write `target` so that it is there whole or not at all."""
    make_folder(target.parent)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        part.write_bytes(content)
        move_durably(part, target)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def needing_room(folder: Path) -> Iterator[None]:
    """Raise Overloaded with a sentence where the disk of `folder` is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        message = f"the disk of {folder} is full: make room on it and try again"
        raise errors.Overloaded(message, retry_after_s=FULL_RETRY_S) from error


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
