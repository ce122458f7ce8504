"""Archives taken apart by the real unpacking, and short words for what comes out."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from common.samples import Reason
from gateway.archives import ArchiveLimits
from gateway.receiving import Imported, Received
from gateway.spool import Spool
from gateway.unpacking import Found, unpacked
from tests.unit.gateway.packed import picture

FORMS = ("zip", "tar", "gzip", "bzip2", "xz")
FILES = {"a.png": picture(1), "deep/er/b ☃\n.png": picture(2), "c.png": picture(3)}
LIMITS = ArchiveLimits(entries=50, unpacked_bytes=2**27, ratio=100)


async def taken(spool: Spool, archive: bytes, limits: ArchiveLimits = LIMITS) -> list[Found]:
    """Return what an archive becomes; the photos keep their bytes as `source`'s companions."""
    upload = spool.receive()
    upload.add(archive)
    received = Received(7, "disk/old.zip", upload.finish(), upload)

    async def found() -> AsyncIterator[Found]:
        yield received

    got: list[Found] = []
    async with contextlib.aclosing(unpacked(found(), spool, limits)) as photos:
        async for one in photos:
            got.append(one)
            if isinstance(one, Received):
                CONTENT[one.photo_id] = one.upload.path.read_bytes()
                one.upload.discard()
    return got


CONTENT: dict[str, bytes] = {}


def left(spool: Spool) -> list[Path]:
    """Return the uploads that nobody has dropped."""
    return list(spool._own.glob("*.part"))


def photos(got: list[Found]) -> dict[str, bytes]:
    return {one.source: CONTENT[one.photo_id] for one in got if isinstance(one, Received)}


def refused(got: list[Found]) -> dict[str, Reason]:
    inside = [one for one in got if isinstance(one, Imported) and one.entry]
    return {one.source.removeprefix("disk/old.zip/"): one.reason for one in inside}


def own(got: list[Found]) -> Imported:
    """Return the archive's own outcome, which comes last."""
    last = got[-1]
    assert isinstance(last, Imported)
    assert (last.item, last.source, last.entry) == (7, "disk/old.zip", 0)
    return last
