"""Zip archives: the list at their end, then one entry after the other."""

import stat
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from common.samples import Reason
from gateway.archives import (
    DAMAGE,
    ENCRYPTED,
    LEADS_OUT,
    LINK,
    SPECIAL,
    ArchiveEnds,
    ArchiveEntry,
    BadEntry,
    Budget,
    Content,
    Exhausted,
    Refused,
    leads_out,
)

# Bytes of the list at the end that an entry may take on average: 46, its name, its times.
LIST_BYTES_PER_ENTRY = 160
_ENCRYPTED_FLAG = 0x1


def entries(file: BinaryIO, budget: Budget) -> Iterator[ArchiveEntry]:
    """Yield the entries in the order of the list. Raises ArchiveEnds."""
    with _opened(file, budget) as archive:
        for listed in archive.infolist():
            budget.count_entry()
            # Not is_dir(), which raises for an entry without a name.
            if listed.filename.endswith("/"):
                continue
            refused = _refused(listed)
            content = None if refused else _Packed(archive, listed, budget)
            yield ArchiveEntry(listed.filename, content, refused)


def _opened(file: BinaryIO, budget: Budget) -> zipfile.ZipFile:
    most = LIST_BYTES_PER_ENTRY * budget.limits.entries + 2**16
    try:
        return zipfile.ZipFile(cast("BinaryIO", _Wary(file, most)))
    except DAMAGE as error:
        raise ArchiveEnds(Reason.DAMAGED, f"the zip archive is damaged: {error}") from error


def _refused(listed: zipfile.ZipInfo) -> Refused | None:
    """Return why an entry is not read; what its system said of it stands in the upper 16 bits."""
    kind = stat.S_IFMT(listed.external_attr >> 16)
    if leads_out(listed.orig_filename):
        return LEADS_OUT
    if kind == stat.S_IFLNK:
        return LINK
    if kind not in (0, stat.S_IFREG):
        return SPECIAL
    return ENCRYPTED if listed.flag_bits & _ENCRYPTED_FLAG else None


class _Packed:
    """The bytes of one entry, opened when they are first read."""

    def __init__(self, archive: zipfile.ZipFile, listed: zipfile.ZipInfo, budget: Budget) -> None:
        self._archive, self._listed, self._budget = archive, listed, budget
        self._opened: Content | None = None

    def read(self, size: int, /) -> bytes:
        try:
            if self._opened is None:
                self._opened = cast("Content", self._archive.open(self._listed))
            chunk = self._opened.read(size)
        except DAMAGE as error:
            raise BadEntry(f"it is damaged in the archive: {error}") from error
        self._budget.count_bytes(len(chunk))
        return chunk


class _Wary:
    """A file of which nobody reads very much at once: the list at the end is read as a whole."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most

    def read(self, size: int = -1, /) -> bytes:
        if size > self._most:
            raise Exhausted(f"the list of the archive's entries has {size:,} bytes")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True
