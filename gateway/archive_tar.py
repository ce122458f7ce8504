"""Tar archives, packed or not: read once from the start to the end, never back."""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol, TypeVar, cast

from common.samples import Reason
from gateway.archives import (
    DAMAGE,
    HEAD_BYTES,
    LEADS_OUT,
    LINK,
    SPECIAL,
    ArchiveEnds,
    ArchiveEntry,
    Budget,
    Content,
    Exhausted,
    Form,
    Refused,
    is_tar,
    leads_out,
)

T = TypeVar("T")

CHUNK_BYTES = 2**20
# A dictionary that an xz archive wants may be up to 4 GiB; `xz -9` wants 64 MiB.
XZ_MEMORY_BYTES = 256 * 2**20


class Unpacked(Protocol):
    """What comes out of a compressed file, at most `size` bytes at a time."""

    def read(self, size: int, /) -> bytes: ...


def entries(file: BinaryIO, budget: Budget, *, form: Form) -> Iterator[ArchiveEntry]:
    """Yield the entries in their order. Raises ArchiveEnds."""
    stream = Forward(_unpacked(file, form), budget)
    if not is_tar(stream.peek(HEAD_BYTES)):
        raise ArchiveEnds(Reason.NOT_AN_IMAGE, f"it is packed by {form.value}, and no tar is in it")
    listed = _listed(stream)
    while (entry := _sound(lambda: next(listed, None))) is not None:
        budget.count_entry()
        archive, told = entry
        if not told.isdir():
            refused = _refused(told)
            content = None if refused else _Stored(archive, told)
            yield ArchiveEntry(told.name, content, refused)


def _listed(stream: "Forward") -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with tarfile.TarFile(fileobj=cast("BinaryIO", stream)) as archive:
        while (told := archive.next()) is not None:
            # The list of all that was read would grow without end.
            archive.members.clear()  # type: ignore[attr-defined]
            yield archive, told
    # A header that is none ends a tar for tarfile; the end that is meant is a block of noughts.
    if stream.last != bytes(tarfile.BLOCKSIZE):
        raise EOFError("it ends before its end, or a header in it is none")


def _sound(read: Callable[[], T]) -> T:
    """Return what `read` returns: damage to a tar is damage to all that follows."""
    try:
        return read()
    except DAMAGE as error:
        raise ArchiveEnds(Reason.DAMAGED, f"the archive is damaged: {error}") from error


def _refused(told: tarfile.TarInfo) -> Refused | None:
    if leads_out(told.name):
        return LEADS_OUT
    if told.issym() or told.islnk():
        return LINK
    if told.issparse():
        return Refused(Reason.UNSAFE, "it is a file with holes")
    return None if told.isreg() else SPECIAL


class _Stored:
    """The bytes of one entry."""

    def __init__(self, archive: tarfile.TarFile, told: tarfile.TarInfo) -> None:
        self._left = told.size
        self._opened = cast("Content", archive.extractfile(told))

    def read(self, size: int, /) -> bytes:
        chunk = _sound(lambda: self._opened.read(min(size, self._left)))
        if not chunk and self._left:
            raise ArchiveEnds(Reason.DAMAGED, "the archive ends in the middle of an entry")
        self._left -= len(chunk)
        return chunk


def _unpacked(file: BinaryIO, form: Form) -> Unpacked:
    if form is Form.GZIP:
        return gzip.GzipFile(fileobj=file)
    if form is Form.BZIP2:
        return bz2.BZ2File(file)
    return _Xz(file) if form is Form.XZ else file


class _Xz:
    """What `lzma.LZMAFile` reads, under a limit of memory, which that does not know."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = self._new()

    def _new(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)

    def read(self, size: int, /) -> bytes:
        while True:
            if self._decompressor.eof:
                packed = self._decompressor.unused_data or self._file.read(CHUNK_BYTES)
                packed = packed.lstrip(b"\0")  # streams are padded to whole words
                if not packed:
                    return b""
                self._decompressor = self._new()
            else:
                packed = self._file.read(CHUNK_BYTES) if self._decompressor.needs_input else b""
                if not packed and self._decompressor.needs_input:
                    raise EOFError("the compressed file ends early")
            if chunk := self._decompressor.decompress(packed, size):
                return chunk


class Forward:
    """A stream that tarfile takes for a file: it counts what passes, and goes forward only."""

    def __init__(self, unpacked: Unpacked, budget: Budget) -> None:
        self._unpacked, self._budget = unpacked, budget
        self._at, self._ahead = 0, b""
        self.last = b""

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end, without passing them."""
        while len(self._ahead) < size and (chunk := self._next(size - len(self._ahead))):
            self._ahead += chunk
        return self._ahead[:size]

    def _next(self, size: int) -> bytes:
        chunk = _sound(lambda: self._unpacked.read(size))
        self._budget.count_bytes(len(chunk))
        return chunk

    def tell(self) -> int:
        return self._at

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer at the end. Raises Exhausted for a header without measure."""
        if size > CHUNK_BYTES:
            raise Exhausted(f"a header of the archive has {size:,} bytes")
        found = self.peek(size)
        self._ahead = self._ahead[len(found) :]
        self._at += len(found)
        self.last = found
        return found

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Pass what lies before `offset`. Raises ValueError if that is behind."""
        if whence or offset < self._at:
            raise ValueError("the archive points back into itself")
        while self._at < offset and self.read(min(CHUNK_BYTES, offset - self._at)):
            pass
        return self._at
