"""Archives as streams of entries: what may be in them, and what ends the reading of one.

Entries are numbered and read; nothing is ever written under a name that an archive gives.
"""

import lzma
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from common.samples import Reason

HEAD_BYTES = 512
# Bytes that may come out before it matters how few went in: small archives may be packed tightly.
UNSUSPICIOUS_BYTES = 64 * 2**20
# What the readers of the standard library raise for broken bytes.
DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ArithmeticError,
    LookupError,
    ValueError,
    RuntimeError,
)


class Form(Enum):
    """How an archive is made, as its first bytes say."""

    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"


_MAGIC = {
    b"PK\x03\x04": Form.ZIP,
    b"PK\x05\x06": Form.ZIP,
    b"PK\x07\x08": Form.ZIP,
    b"\x1f\x8b\x08": Form.GZIP,
    b"BZh": Form.BZIP2,
    b"\xfd7zXZ\x00": Form.XZ,
}


def form_of(head: bytes) -> Form | None:
    """Return what the first HEAD_BYTES of a file begin, None if that is no archive."""
    for magic, form in _MAGIC.items():
        if head.startswith(magic):
            return form
    return Form.TAR if is_tar(head) else None


def is_tar(head: bytes) -> bool:
    """Return whether these bytes are the header of a tar: its checksum fits."""
    try:
        tarfile.TarInfo.frombuf(head[:HEAD_BYTES], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


class ArchiveEnds(Exception):
    """Nothing more of an archive is read."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


class Exhausted(ArchiveEnds):
    """An archive, with all those in it, is more than one may be."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.ARCHIVE_LIMIT, message)


class BadEntry(Exception):
    """One entry cannot be read; those after it may be."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one archive may cost, with all archives in it.

    entries: at most. unpacked_bytes: of all that is read of it. ratio: unpacked bytes per packed
    one. depth: archives within one another, 1 is none.
    """

    entries: int = 200_000
    unpacked_bytes: int = 256 * 2**30
    ratio: int = 200
    depth: int = 3


class Budget:
    """What is left of the limits while an archive of `packed` bytes is read."""

    def __init__(self, limits: ArchiveLimits, packed: int) -> None:
        self.limits, self._packed = limits, max(packed, 1)
        self._entries = self._bytes = 0

    def count_entry(self) -> None:
        """Raise Exhausted for one entry too many."""
        self._entries += 1
        if self._entries > self.limits.entries:
            raise Exhausted(f"the archive has more than {self.limits.entries:,} entries")

    def count_bytes(self, count: int) -> None:
        """Raise Exhausted if that many more bytes are too many, or too many for so small a file."""
        self._bytes += count
        if self._bytes > self.limits.unpacked_bytes:
            most = self.limits.unpacked_bytes
            raise Exhausted(f"the archive has more than {most:,} bytes when it is unpacked")
        if self._bytes > max(UNSUSPICIOUS_BYTES, self.limits.ratio * self._packed):
            raise Exhausted(
                f"the archive is packed more than {self.limits.ratio:,} times: that is no photos"
            )


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an entry is not read."""

    reason: Reason
    message: str


class Content(Protocol):
    """The bytes of an entry, until the next entry is asked for.

    `read` raises BadEntry, or ArchiveEnds where nothing more can be read of the whole archive.
    """

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """A file in an archive, by the name that it has there, or why it is refused."""

    name: str
    content: Content | None = None
    refused: Refused | None = None


def leads_out(name: str) -> bool:
    """Return whether a name, taken as a path, would lie outside the folder of the archive."""
    parts = name.replace("\\", "/").split("/")
    return name[:1] in ("/", "\\") or ".." in parts or (len(name) > 1 and name[1] == ":")


LEADS_OUT = Refused(Reason.UNSAFE, "its name leads out of the archive")
LINK = Refused(Reason.UNSAFE, "it is a link")
SPECIAL = Refused(Reason.UNSAFE, "it is a device or a pipe")
ENCRYPTED = Refused(Reason.ENCRYPTED, "it takes a password to read it")
