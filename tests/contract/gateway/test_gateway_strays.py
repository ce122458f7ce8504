"""What a check finds among references and the bytes of rejected photos, and how it repairs them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from common import clients, errors
from semapix.v1 import gateway_pb2
from semapix.v1 import housekeeping_pb2 as pb
from semapix.v1 import imports_pb2 as imports
from semapix.v1 import index_keeping_pb2 as keeping
from tests.contract.gateway.gateway_house import photo
from tests.contract.gateway.real_index import Kept, kept

NOBODY = "ab" * 32
TORN = b"no picture at all"


async def rejected(running: Kept) -> imports.RejectedPhoto:
    """Import what is no picture; return it as the list has it."""
    (outcome,) = await running.house.imported(TORN)
    assert outcome.outcome == gateway_pb2.OUTCOME_REJECTED
    (listed,) = await listing(running)
    assert listed.kept
    return listed


async def listing(running: Kept) -> list[imports.RejectedPhoto]:
    request = imports.ListRejectedRequest()
    answer = await clients.call(running.house.imports.ListRejected(request, timeout=10))
    return list(answer.photos)


async def in_place(running: Kept, path: Path) -> str:
    """Import a file where it lies; return its photo id."""
    create = imports.CreateImportRequest(import_id="here", in_place=True)
    await clients.call(running.house.imports.CreateImport(create, timeout=10))

    def requests() -> Iterator[imports.ImportPathsRequest]:
        yield imports.ImportPathsRequest(path=str(path), import_id="here")

    call = running.house.imports.ImportPaths(requests(), timeout=30)
    (outcome,) = [one.outcome async for one in clients.stream(call)]
    return cast("str", outcome.photo_id)


async def found(running: Kept, *, repair: bool = False) -> list[tuple[str, str, bool]]:
    """Return (kind, id, repaired) of what a check finds."""
    return [
        (keeping.FindingKind.Name(one.kind).removeprefix("FINDING_KIND_"), one.id, one.repaired)
        for one in await running.checked(repair=repair)
    ]


async def repaired(running: Kept, kind: str, name: str) -> None:
    """Expect one finding, which a repair mends."""
    assert await found(running) == [(kind, name, False)]
    assert await found(running, repair=True) == [(kind, name, True)]
    assert await found(running) == []


async def test_bytes_of_rejected_photos_are_no_strays_while_they_are_on_the_list(
    tmp_path: Path,
) -> None:
    async with kept(tmp_path) as running:
        await rejected(running)
        assert await found(running) == []


async def test_rejected_bytes_on_no_list_are_set_aside(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        (tmp_path / "quarantine" / NOBODY).write_bytes(b"precious")
        await repaired(running, "ORPHAN_REJECTED", NOBODY)
        (aside,) = (tmp_path / "orphans").iterdir()
        assert aside.read_bytes() == b"precious"


async def test_rejected_bytes_that_are_others_by_now_are_set_aside_and_kept_no_more(
    tmp_path: Path,
) -> None:
    async with kept(tmp_path) as running:
        photo_id = (await rejected(running)).rejection.photo_id
        (tmp_path / "quarantine" / photo_id).write_bytes(b"other bytes")
        await repaired(running, "ORPHAN_REJECTED", photo_id)
        (listed,) = await listing(running)
        assert not listed.kept


async def test_a_reference_of_no_photo_is_set_aside(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        stray = running.path(NOBODY, kind="references")
        stray.parent.mkdir(parents=True)
        stray.write_text("{}")
        await repaired(running, "ORPHAN_REFERENCE", NOBODY)


async def test_an_original_outside_that_only_has_another_date_is_taken_as_it_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "disk.jpg"
    path.write_bytes(photo("white"))
    async with kept(tmp_path / "library") as running:
        photo_id = await in_place(running, path)
        assert await found(running) == []
        os.utime(path, (1, 1))
        await repaired(running, "REFERENCE_STALE", photo_id)
        request = gateway_pb2.DownloadOriginalRequest(photo_id=photo_id)
        stream = clients.stream(running.house.stub.DownloadOriginal(request))
        assert b"".join([one.chunk async for one in stream]) == path.read_bytes()


async def test_a_reference_that_cannot_be_read_is_missed_and_its_original_fetched(
    tmp_path: Path,
) -> None:
    path = tmp_path / "disk.jpg"
    path.write_bytes(photo("white"))
    async with kept(tmp_path / "library") as running:
        photo_id = await in_place(running, path)
        running.path(photo_id, kind="references").write_text("not JSON")
        await repaired(running, "ORIGINAL_MISSING", photo_id)
        assert running.path(photo_id).read_bytes() == path.read_bytes()
        assert not running.path(photo_id, kind="references").exists()


async def test_the_only_picture_of_an_original_outside_outlives_trash_and_clearing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "disk.jpg"
    path.write_bytes(photo("white"))
    async with kept(tmp_path / "library") as running:
        photo_id = await in_place(running, path)
        request = gateway_pb2.DownloadThumbnailRequest(photo_id=photo_id, size_px=64)

        async def shown() -> bytes:
            stream = clients.stream(running.house.stub.DownloadThumbnail(request))
            return b"".join([one.chunk async for one in stream])

        before = await shown()
        path.unlink()
        await running.removed(photo_id)
        with pytest.raises(errors.NotFound):
            await shown()
        restore = pb.RestorePhotosRequest(photo_ids=[photo_id])
        await clients.call(running.keeping.RestorePhotos(restore))
        clear = pb.ClearLibraryRequest(scope=pb.CLEAR_SCOPE_THUMBNAILS)
        _ = [one async for one in clients.stream(running.keeping.ClearLibrary(clear))]
        folder = running.path(photo_id, kind="thumbnails")
        assert [one.name for one in folder.iterdir()] == ["1024.jpg"]
        assert await shown() == before


async def test_an_original_outside_that_is_gone_is_missed_until_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "disk.jpg"
    path.write_bytes(photo("white"))
    async with kept(tmp_path / "library") as running:
        photo_id = await in_place(running, path)
        path.rename(tmp_path / "away.jpg")
        assert await found(running, repair=True) == [("ORIGINAL_MISSING", photo_id, False)]
        (tmp_path / "away.jpg").rename(path)
        assert await found(running) == []


@pytest.mark.parametrize(
    "name", ["originals/ab/00/.ab00.0123abcd", "thumbnails/holiday.jpg", f"originals/{NOBODY}"]
)
async def test_a_file_that_bears_no_photo_s_id_is_a_stray_once_it_is_no_draft_any_more(
    tmp_path: Path, name: str
) -> None:
    async with kept(tmp_path) as running:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"whose is this?")
        assert await found(running) == []
        os.utime(path, (1, 1))
        await repaired(running, "ORPHAN_ORIGINAL", path.name)
        (aside,) = (tmp_path / "orphans").iterdir()
        assert aside.read_bytes() == b"whose is this?"
