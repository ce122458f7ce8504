"""Rejected photos are kept and tried again; originals stay in place; stages are done again."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common import clients, errors
from common.imports import Outcome
from common.samples import Kind, Stage
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import import_records_pb2 as records
from semapix.v1 import imports_pb2 as imports
from tests.contract.gateway.gateway_house import House, house, photo, until

ADDED, REJECTED = Outcome.ADDED, Outcome.REJECTED


async def rejected(running: House) -> list[imports.RejectedPhoto]:
    request = imports.ListRejectedRequest()
    return list((await clients.call(running.imports.ListRejected(request, timeout=10))).photos)


async def retried(running: House, *numbers: int) -> list[imports.RetryRejectedResponse]:
    request = imports.RetryRejectedRequest(rejection_ids=numbers)
    return [one async for one in clients.stream(running.imports.RetryRejected(request))]


async def test_a_rejected_photo_is_listed_with_its_reason_and_its_bytes(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.imported(b"no picture at all", b"", photo("red"))
        first, second = sorted(await rejected(running), key=lambda one: -one.kept)
    assert first.rejection.reason == pb.REJECT_REASON_NOT_AN_IMAGE
    assert first.rejection.message.startswith("It is not a picture")
    assert first.rejection.source == "photo-0.jpg"
    assert (first.kept, second.kept) == (True, False)


async def test_a_retry_that_succeeds_imports_the_photo(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.embedder.poison = (0, 0, 255)
        (outcome,) = await running.imported(photo("blue"))
        (kept,) = await rejected(running)
        running.embedder.poison = None
        answers = await retried(running, kept.rejection.rejection_id, 99)
        missing, again = sorted(answers, key=lambda one: -one.rejection_id)
        left = list((tmp_path / "quarantine").iterdir())
    assert outcome.outcome == REJECTED
    assert (again.outcome.outcome, again.outcome.photo_id) == (ADDED, outcome.photo_id)
    assert missing.status.code == 5
    assert not left
    assert running.originals() == {outcome.photo_id}


async def test_what_is_forgotten_leaves_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.imported(b"no picture at all")
        (kept,) = await rejected(running)
        number = kept.rejection.rejection_id
        request = imports.ForgetRejectedRequest(rejection_ids=[number])
        answer = await running.imports.ForgetRejected(request, timeout=10)
        assert not await rejected(running)
        left = list((tmp_path / "quarantine").iterdir())
    assert answer.forgotten == 1
    assert not left


async def test_bytes_of_rejected_photos_are_kept_up_to_a_limit(tmp_path: Path) -> None:
    async with house(tmp_path, quarantine_bytes=50) as running:
        await running.imported(b"x" * 40, b"y" * 40)
        kept = [one.kept for one in await rejected(running)]
        sizes = [path.stat().st_size for path in (tmp_path / "quarantine").iterdir()]
    assert sorted(kept) == [False, True]
    assert sizes == [40]


def path_requests(import_id: str, *paths: Path) -> Iterator[imports.ImportPathsRequest]:
    for item, path in enumerate(paths):
        yield imports.ImportPathsRequest(item=item, path=str(path), import_id=import_id)


async def in_place(running: House, *paths: Path) -> list[Any]:
    request = imports.CreateImportRequest(import_id="here", in_place=True)
    await clients.call(running.imports.CreateImport(request, timeout=10))
    call = running.imports.ImportPaths(path_requests("here", *paths), timeout=30)
    outcomes = [one.outcome async for one in clients.stream(call)]
    return sorted(outcomes, key=lambda one: one.item)


def on_disk(folder: Path, name: str = "a.jpg", colour: str = "red") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(photo(colour, size=(64, 48)))
    return path


async def download(running: House, photo_id: str) -> bytes:
    request = pb.DownloadOriginalRequest(photo_id=photo_id)
    call = running.stub.DownloadOriginal(request, timeout=10)
    return b"".join([one.chunk async for one in clients.stream(call)])


async def test_originals_stay_where_they_lie(tmp_path: Path) -> None:
    path = on_disk(tmp_path / "disk")
    async with house(tmp_path / "library") as running:
        outcome, missing = await in_place(running, path, tmp_path / "gone.jpg")
        assert await download(running, outcome.photo_id) == path.read_bytes()
        assert not running.originals()
        await running.idle()
        request = pb.RemovePhotosRequest(photo_ids=[outcome.photo_id], permanently=True)
        await running.stub.RemovePhotos(request, timeout=10)
    assert outcome.outcome == ADDED
    assert missing.outcome == REJECTED
    assert missing.message == "The gateway cannot read it: no such file."
    assert path.exists()
    assert not list((tmp_path / "library" / "references").glob("*/*/*"))


async def test_an_original_outside_that_is_gone_is_told_and_the_photo_is_still_found(
    tmp_path: Path,
) -> None:
    path = on_disk(tmp_path / "disk")
    async with house(tmp_path / "library") as running:
        running.detector.available.clear()
        (outcome,) = await in_place(running, path)
        path.unlink()
        with pytest.raises(errors.DataLoss, match=f"{path} is missing: No such file"):
            await download(running, outcome.photo_id)
        request = pb.DownloadThumbnailRequest(photo_id=outcome.photo_id, size_px=64)
        call = running.stub.DownloadThumbnail(request, timeout=10)
        thumbnail = b"".join([one.chunk async for one in clients.stream(call)])
        running.detector.available[1] = True
        async with running.gateway():
            await running.idle()
        entry = running.index.entries[outcome.photo_id]
    assert thumbnail.startswith(b"\xff\xd8")
    assert Kind.ANIMAL in {sample.kind for sample in entry.samples}


async def test_an_original_outside_that_was_changed_is_told(tmp_path: Path) -> None:
    path = on_disk(tmp_path / "disk")
    async with house(tmp_path / "library") as running:
        (outcome,) = await in_place(running, path)
        os.utime(path, (1, 1))
        with pytest.raises(errors.DataLoss, match=f"{path} has changed since"):
            await download(running, outcome.photo_id)
        (again,) = await in_place(running, path)
        assert await download(running, outcome.photo_id) == path.read_bytes()
    assert again.outcome in (ADDED, Outcome.DUPLICATE)


async def test_paths_are_taken_for_imports_in_place_alone(tmp_path: Path) -> None:
    path = on_disk(tmp_path / "disk")
    async with house(tmp_path / "library") as running:
        request = imports.CreateImportRequest(import_id="copies")
        await running.imports.CreateImport(request, timeout=10)
        call = running.imports.ImportPaths(path_requests("copies", path), timeout=10)
        with pytest.raises(errors.Mismatch, match="in_place"):
            await anext(clients.stream(call))


async def redo(running: House, *stages: Stage, scope: int = 0) -> imports.ReindexStagesResponse:
    request = imports.ReindexStagesRequest(
        stages=[int(stage) for stage in stages],  # type: ignore[misc]
        scope=scope,  # type: ignore[arg-type]
    )
    return await clients.call(running.imports.ReindexStages(request, timeout=10))


async def test_stages_are_marked_with_the_model_that_there_is_now(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.imported(photo("red"))
        answer = await redo(running, Stage.OCR, scope=records.REDO_SCOPE_MODEL_CHANGED)
        (marked,) = running.records.redone
    assert [(one.stage, one.count) for one in answer.pending] == [(3, 1)]
    assert [(one.stage, one.model) for one in marked.stages] == [(3, "eyes")]


async def test_a_stage_that_nobody_can_do_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.available.clear()
        with pytest.raises(errors.Mismatch, match="there is no text reader now"):
            await redo(running, Stage.OCR)
        with pytest.raises(errors.InvalidInput, match="stages"):
            await redo(running, Stage.WHOLE)


async def test_the_detector_looks_once_though_the_embedder_is_away(tmp_path: Path) -> None:
    async with house(tmp_path, stage_wait_s=0.1) as running:
        running.detector.available = {1: False, 2: False}
        await running.imported(photo("red"))
        running.embedder.hold.clear()
        running.detector.available[1] = True
        await redo(running, Stage.DETECT)
        await until(lambda: running.detector.analyzed)
        running.embedder.refusals = 2
        running.embedder.hold.set()
        await running.idle()
    assert running.detector.analyzed == [1]


async def test_the_status_tells_how_fast_the_background_is(tmp_path: Path) -> None:
    async with house(tmp_path, stage_photos=1) as running:
        running.detector.available[2] = False
        await running.imported(*(photo("red", seed=seed) for seed in range(12)))
        for _ in range(400):
            status = await running.status()
            if status.speeds:
                break
            await asyncio.sleep(0.01)
    (speed,) = status.speeds
    assert speed.stage == Stage.DETECT
    assert speed.photos_per_s > 0
    assert speed.remaining_s > 0
