"""An archive of very many tiny entries: each has its outcome, and the photo at its end comes in.

`make entries` takes 100,000 of them; the ordinary tests take fewer.
"""

import io
import os
import resource
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import imports_pb2 as imports
from tests.contract.gateway.gateway_house import photo
from tests.contract.gateway.real_index import kept

ENTRIES = int(os.environ.get("ENTRIES") or 1_000)
CHUNK = 2**20
MIB = 2**20
pytestmark = pytest.mark.timeout(1800)


def archive(count: int) -> bytes:
    """Return a zip of entries that are named like photos and are none, and a photo at its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(count):
            made.writestr(f"{number:06}.jpg", b"%d" % number)
        made.writestr("last.jpg", photo("white"))
    return out.getvalue()


def pieces(encoded: bytes) -> Iterator[pb.ImportPhotosRequest]:
    for at in range(0, len(encoded), CHUNK):
        yield pb.ImportPhotosRequest(
            source="many.zip",
            chunk=encoded[at : at + CHUNK],
            last=at + CHUNK >= len(encoded),
        )


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def test_very_many_tiny_entries_have_their_outcomes_and_the_photo_comes_in(
    tmp_path: Path,
) -> None:
    encoded, outcomes = archive(ENTRIES), Counter[tuple[int, int]]()
    async with kept(tmp_path) as running:
        before = peak_bytes()
        async for one in running.house.stub.ImportPhotos(pieces(encoded)):
            outcomes[one.outcome, one.reason] += 1
            last = one
        grown = peak_bytes() - before
        request = imports.ListRejectedRequest(page_size=1)
        listed = await running.house.imports.ListRejected(request, timeout=30)
        photos, findings = len(await running.found("white")), await running.checked()
    assert outcomes == {
        (pb.OUTCOME_REJECTED, pb.REJECT_REASON_NOT_AN_IMAGE): ENTRIES,
        (pb.OUTCOME_ADDED, 0): 1,
        (pb.OUTCOME_UNPACKED, 0): 1,
    }
    assert (last.entry, last.outcome) == (0, pb.OUTCOME_UNPACKED)
    assert listed.total == ENTRIES
    assert (photos, findings) == (4, [])
    assert grown < 64 * MIB + 2_000 * ENTRIES, f"{grown / MIB:.0f} MiB"
