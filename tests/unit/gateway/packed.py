"""Archives for tests, good and evil."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
from collections.abc import Mapping

from PIL import Image

COMPRESS = {"tar": bytes, "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


def picture(shade: int = 0, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (shade % 256, shade // 256, 9)).save(out, form)
    return out.getvalue()


def zipped(files: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, encoded in files.items():
            archive.writestr(name, encoded)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], form: str = "tar") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, encoded in files.items():
            told = tarfile.TarInfo(name)
            told.size = len(encoded)
            archive.addfile(told, io.BytesIO(encoded))
    return COMPRESS[form](out.getvalue())


def packed(form: str, files: Mapping[str, bytes]) -> bytes:
    return zipped(files) if form == "zip" else tarred(files, form)


def zip_with_kind(name: str, kind: int, content: bytes = b"/etc/passwd") -> bytes:
    """Return a zip whose entry is a link or device by what its system says of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        told = zipfile.ZipInfo(name)
        told.create_system, told.external_attr = 3, (kind | 0o644) << 16
        archive.writestr(told, content)
        archive.writestr("good.png", picture())
    return out.getvalue()


def tar_with_kinds() -> bytes:
    """Return a tar with links, a pipe, devices and a file with holes before a good picture."""
    out = io.BytesIO()
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE)
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, kind in enumerate(kinds):
            told = tarfile.TarInfo(f"{number}.jpg")
            told.type, told.linkname = kind, "/etc/passwd"
            archive.addfile(told)
        good = tarfile.TarInfo("good.png")
        good.size = len(picture())
        archive.addfile(good, io.BytesIO(picture()))
    return out.getvalue()


def encrypted_zip() -> bytes:
    """Return a zip whose first entry is marked as encrypted in both of its headers."""
    whole = bytearray(zipped({"secret.png": picture(1), "good.png": picture(2)}))
    local, listed = whole.index(b"PK\3\4"), whole.index(b"PK\1\2")
    for at in (local + 6, listed + 8):
        (flags,) = struct.unpack_from("<H", whole, at)
        struct.pack_into("<H", whole, at, flags | 1)
    return bytes(whole)


LINK, PIPE = stat.S_IFLNK, stat.S_IFIFO
