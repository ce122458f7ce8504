"""Trash, check and repair through a real gateway and a real index."""

import asyncio
import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from common import clients, errors
from semapix.v1 import gateway_pb2
from semapix.v1 import housekeeping_pb2 as pb
from semapix.v1 import index_keeping_pb2 as keeping
from tests.contract.gateway.gateway_house import photo
from tests.contract.gateway.real_index import Kept, kept

UNKNOWN = "0" * 64


async def listed(running: Kept) -> list[str]:
    answer = await clients.call(running.keeping.ListTrash(pb.ListTrashRequest()))
    assert answer.total == len(answer.photos)
    return [one.facts.photo_id for one in answer.photos]


async def restored(running: Kept, *photo_ids: str) -> list[int]:
    request = pb.RestorePhotosRequest(photo_ids=photo_ids)
    answer = await clients.call(running.keeping.RestorePhotos(request))
    return [status.code for status in answer.statuses]


async def emptied(running: Kept, *photo_ids: str) -> tuple[int, int]:
    request = pb.EmptyTrashRequest(photo_ids=photo_ids)
    answers = [one async for one in clients.stream(running.keeping.EmptyTrash(request))]
    return answers[-1].deleted, answers[-1].total


async def thumbnail(running: Kept, photo_id: str) -> bytes:
    request = gateway_pb2.DownloadThumbnailRequest(photo_id=photo_id)
    answers = clients.stream(running.house.stub.DownloadThumbnail(request))
    return b"".join([one.chunk async for one in answers])


async def original(running: Kept, photo_id: str) -> bytes:
    request = gateway_pb2.DownloadOriginalRequest(photo_id=photo_id)
    answers = clients.stream(running.house.stub.DownloadOriginal(request))
    return b"".join([one.chunk async for one in answers])


async def test_removed_photo_is_invisible_everywhere_and_comes_back(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        red = running.ids[0]
        await thumbnail(running, red)
        batches = len(running.house.embedder.batches)
        assert await running.removed(red, UNKNOWN) == [0, 5]
        assert await running.removed(red) == [0]
        assert red not in await running.found("red")
        for invisible in (thumbnail, original):
            with pytest.raises(errors.NotFound):
                await invisible(running, red)
        assert (await running.house.status()).photos == 2
        assert await listed(running) == [red]
        assert await restored(running, red, UNKNOWN) == [0, 5]
        assert (await running.found("red"))[0] == red
        assert await original(running, red) == photo("red")
        assert await listed(running) == []
        assert len(running.house.embedder.batches) == batches, "it was embedded anew"
        assert await running.checked() == []


async def test_photo_in_the_trash_is_restored_by_importing_it_again(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        await running.removed(running.ids[0])
        (outcome,) = await running.house.imported(photo("red"))
        assert outcome.outcome == gateway_pb2.OUTCOME_ADDED
        assert await listed(running) == []
        assert (await running.found("red"))[0] == running.ids[0]


async def test_emptied_trash_leaves_nothing(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        red, green, blue = running.ids
        await running.removed(red, green)
        assert await emptied(running, red) == (1, 1)
        assert await emptied(running) == (1, 1)
        assert await emptied(running) == (0, 0)
        assert await running.removed(blue, permanently=True) == [0]
        assert running.house.originals() == set()
        assert (await running.house.status()).original_bytes == 0
        assert await running.checked() == []


async def test_photo_is_deleted_from_the_trash_for_good(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        await running.removed(running.ids[0])
        assert await running.removed(running.ids[0], permanently=True) == [0]
        assert await listed(running) == []
        assert not running.path(running.ids[0]).exists()


async def test_old_trash_empties_itself(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        await running.removed(running.ids[0])
    await asyncio.sleep(1.1)
    async with kept(tmp_path, trash_days=1e-9) as running:
        for _ in range(100):
            if not await listed(running):
                break
            await asyncio.sleep(0.05)
        assert await listed(running) == []
    assert len(running.ids) == 3


async def test_lost_and_damaged_originals_are_found_and_brought_back_from_their_source(
    tmp_path: Path,
) -> None:
    async with kept(tmp_path) as running:
        red, green = running.ids[:2]
        source = tmp_path / "source.jpg"
        source.write_bytes(photo("red"))
        with sqlite3.connect(tmp_path / "index" / "catalogue.sqlite") as other:
            other.execute(
                "UPDATE sources SET source = ? WHERE photo ="
                " (SELECT number FROM photos WHERE photo_id = ?)",
                (str(source), red),
            )
        running.path(red).unlink()
        running.path(green).write_bytes(b"other bytes")
        kinds = {one.id: (one.kind, one.repaired) for one in await running.checked(repair=True)}
        assert kinds == {
            red: (keeping.FINDING_KIND_ORIGINAL_MISSING, True),
            green: (keeping.FINDING_KIND_ORIGINAL_DAMAGED, False),
        }
        assert await original(running, red) == photo("red")
        assert [one.id for one in await running.checked()] == [green]


async def test_files_of_nobody_are_found_and_set_aside(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        stray, lost = running.path("ab" * 32), running.path("cd" * 32, kind="thumbnails")
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"precious")
        lost.mkdir(parents=True)
        (lost / "64.jpg").write_bytes(b"jpeg")
        (tmp_path / "spool" / "dead").mkdir()
        found = {one.kind: one.repaired for one in await running.checked()}
        assert found == dict.fromkeys(
            [
                keeping.FINDING_KIND_ORPHAN_ORIGINAL,
                keeping.FINDING_KIND_ORPHAN_THUMBNAIL,
                keeping.FINDING_KIND_ORPHAN_UPLOAD,
            ],
            False,
        )
        assert all(one.repaired for one in await running.checked(repair=True))
        assert await running.checked() == []
        (aside,) = (tmp_path / "orphans").iterdir()
        assert aside.read_bytes() == b"precious"


async def test_upload_under_way_is_no_orphan(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        under_way = "ab" * 32
        running.path(under_way).parent.mkdir(parents=True)
        running.path(under_way).write_bytes(b"its row is on the way")
        (notes,) = (tmp_path / "spool").glob("*/unsettled")
        (notes / under_way).touch()
        assert await running.checked() == []


async def test_lost_vector_of_a_whole_photo_is_made_again(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        with contextlib.closing(sqlite3.connect(tmp_path / "index/catalogue.sqlite")) as other:
            other.execute("DELETE FROM vectors WHERE sample IN (SELECT number FROM samples"
                          " WHERE kind = 1 AND photo = 1)")  # fmt: skip
            other.commit()
        assert all(one.repaired for one in await running.checked(repair=True))
        assert await running.checked() == []
        assert (await running.found("red"))[0] == running.ids[0]


async def test_cleared_library_is_empty_and_takes_photos_again(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        await running.removed(running.ids[0])
        await running.house.imported(b"no picture")
        scopes = [pb.CLEAR_SCOPE_THUMBNAILS, pb.CLEAR_SCOPE_EVERYTHING]
        await thumbnail(running, running.ids[1])
        for scope, count in zip(scopes, (1, 3), strict=True):
            request = pb.ClearLibraryRequest(scope=scope)
            answers = [one async for one in clients.stream(running.keeping.ClearLibrary(request))]
            assert (answers[-1].deleted, answers[-1].total) == (count, count)
        assert not list((tmp_path / "thumbnails").rglob("*.jpg"))
        assert await listed(running) == []
        assert running.house.originals() == set()
        assert not list((tmp_path / "quarantine").iterdir())
        assert running.house.fake_analysis.cleared
        assert await running.checked() == []
        (outcome,) = await running.house.imported(photo("red"))
        assert outcome.outcome == gateway_pb2.OUTCOME_ADDED


async def test_clearing_without_the_analysis_service_says_what_is_left(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        await running.house.served["analysis"].stop()
        request = pb.ClearLibraryRequest(scope=pb.CLEAR_SCOPE_EVERYTHING)
        with pytest.raises(errors.Unavailable, match="the analyses and names of clusters are not"):
            _ = [one async for one in clients.stream(running.keeping.ClearLibrary(request))]
        assert await running.found("red") == []


async def test_backup_brings_a_catalogue_and_every_original(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        await running.removed(running.ids[0])
        stream = clients.stream(running.keeping.BackUpCatalogue(pb.BackUpCatalogueRequest()))
        answers = [one async for one in stream]
        ids = [one for answer in answers for one in answer.photo_ids]
        assert sorted(ids) == sorted(running.ids)
        request = pb.BackUpOriginalRequest(photo_id=running.ids[0])
        stream = clients.stream(running.keeping.BackUpOriginal(request))
        assert b"".join([one.chunk async for one in stream]) == photo("red")
        request = pb.BackUpOriginalRequest(photo_id=UNKNOWN)
        with pytest.raises(errors.NotFound):
            await anext(clients.stream(running.keeping.BackUpOriginal(request)))


async def test_vectors_and_places_of_originals_are_told(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        stream = clients.stream(running.keeping.ExportVectors(pb.ExportVectorsRequest()))
        vectors = [one for answer in [a async for a in stream] for one in answer.vectors]
        assert len({one.sample_id for one in vectors}) == len(vectors) >= 3
        request = pb.LocateOriginalsRequest(photo_ids=[running.ids[0], UNKNOWN])
        answer = await clients.call(running.keeping.LocateOriginals(request))
        assert [one.status.code for one in answer.results] == [0, 5]
        assert answer.results[0].path == str(running.path(running.ids[0]))


async def test_check_without_the_index_says_so(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        await running.house.served["index"].stop()
        with pytest.raises(errors.Unavailable, match="the index"):
            await running.checked()
    shutil.rmtree(tmp_path)
