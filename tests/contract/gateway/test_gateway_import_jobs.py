"""Imports as a whole: they outlive their client, pause, end, go on, are spared what is known."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from common import clients, errors
from common.imports import Outcome
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import import_records_pb2 as records
from semapix.v1 import imports_pb2 as imports
from tests.contract.gateway.gateway_house import House, house, photo, pieces, until

ADDED, DUPLICATE, REJECTED = Outcome.ADDED, Outcome.DUPLICATE, Outcome.REJECTED


async def create(running: House, **fields: Any) -> records.ImportRecord:
    request = imports.CreateImportRequest(**fields)
    answer = await clients.call(running.imports.CreateImport(request, timeout=10))
    return answer.progress.record


async def progress(running: House, import_id: str) -> imports.Import:
    request = imports.GetImportRequest(import_id=import_id)
    return (await clients.call(running.imports.GetImport(request, timeout=10))).progress


async def state(running: House, import_id: str) -> str:
    found = (await progress(running, import_id)).record.state
    return records.ImportState.Name(found).removeprefix("IMPORT_STATE_")


def requests(import_id: str, *photos: bytes) -> list[pb.ImportPhotosRequest]:
    found = [one for item, photo in enumerate(photos) for one in pieces(item, photo)]
    found[0].import_id = import_id
    return found


async def endless(import_id: str, *photos: bytes) -> AsyncIterator[pb.ImportPhotosRequest]:
    """Send photos, then neither another nor the end."""
    for one in requests(import_id, *photos):
        yield one
    await asyncio.sleep(60)


def reds(count: int, start: int = 0) -> list[bytes]:
    return [photo("red", seed=seed) for seed in range(start, start + count)]


async def test_an_import_has_an_id_counts_and_an_end(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        record = await create(running, label="holiday", total=4, paths=["/p"])
        bad = b"no picture" * 9
        await running.sent(requests(record.import_id, *reds(2), bad, photo("red")))
        found = await progress(running, record.import_id)
        request = imports.FinishImportRequest(import_id=record.import_id)
        await running.imports.FinishImport(request, timeout=10)
        assert await state(running, record.import_id) == "FINISHED"
    counts = found.record
    assert (counts.added, counts.duplicate, counts.rejected) == (2, 1, 1)
    assert (counts.label, counts.total, list(counts.paths)) == ("holiday", 4, ["/p"])
    assert found.photos_per_s > 0
    assert found.remaining_s == 0


async def test_photos_that_were_received_outlive_their_client(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await create(running, import_id="mine")
        running.embedder.hold.clear()
        call = running.stub.ImportPhotos(endless("mine", *reds(3)))
        reading = asyncio.create_task(call.read())
        # Received, not only begun: what is cut off does not outlive anybody.
        for _ in range(500):
            if (await progress(running, "mine")).in_flight == 3:
                break
            await asyncio.sleep(0.02)
        call.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        running.embedder.hold.set()
        await until(lambda: len(running.index.entries) == 3)
        await until(lambda: not running.uploads())
        assert await state(running, "mine") == "INTERRUPTED"
        assert (await progress(running, "mine")).record.added == 3


async def test_a_client_that_comes_back_sends_only_the_rest(tmp_path: Path) -> None:
    photos = [*reds(3), b"broken" * 9]
    async with house(tmp_path) as running:
        await create(running, import_id="mine")
        await running.sent(requests("mine", *photos[:2], photos[3]))
        await create(running, import_id="mine")
        sources = ("photo-0.jpg", "photo-1.jpg", "photo-9.jpg", "photo-2.jpg")
        offers = [
            imports.PhotoOffer(source=source, photo_id=hashlib.sha256(one).hexdigest())
            for source, one in zip(sources, photos, strict=True)
        ]
        request = imports.SettlePhotosRequest(import_id="mine", photos=offers)
        answer = await running.imports.SettlePhotos(request, timeout=10)
        await create(running, import_id="other")
        request.import_id = "other"
        other = await running.imports.SettlePhotos(request, timeout=10)
        record = (await progress(running, "other")).record
    assert list(answer.outcomes) == [ADDED, ADDED, 0, REJECTED]
    assert list(other.outcomes) == [DUPLICATE, DUPLICATE, 0, 0]
    assert record.duplicate == 2


async def test_a_known_photo_without_its_original_has_to_be_sent(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        (outcome,) = await running.imported(photo("red"))
        next((tmp_path / "originals").glob("*/*/*")).unlink()
        await create(running, import_id="mine")
        offer = imports.PhotoOffer(source="x", photo_id=outcome.photo_id)
        request = imports.SettlePhotosRequest(import_id="mine", photos=[offer])
        answer = await running.imports.SettlePhotos(request, timeout=10)
    assert list(answer.outcomes) == [0]


async def test_a_pause_holds_the_stream_until_the_import_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path, photos_in_flight=1) as running:
        await create(running, import_id="mine")
        request = imports.PauseImportRequest(import_id="mine")
        await running.imports.PauseImport(request, timeout=10)
        sending = asyncio.create_task(running.sent(requests("mine", *reds(3))))
        await asyncio.sleep(0.5)
        assert not running.index.entries
        assert await state(running, "mine") == "PAUSED"
        resume = imports.ResumeImportRequest(import_id="mine")
        await running.imports.ResumeImport(resume, timeout=10)
        assert [one.outcome for one in await sending] == [ADDED] * 3
        assert await state(running, "mine") == "RUNNING"


async def test_cancelling_ends_the_stream_and_keeps_what_is_in(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await create(running, import_id="mine")
        call = running.stub.ImportPhotos(endless("mine", *reds(2)))
        outcomes = clients.stream(call)
        assert {(await anext(outcomes)).outcome, (await anext(outcomes)).outcome} == {ADDED}
        async with asyncio.timeout(2):
            request = imports.CancelImportRequest(import_id="mine")
            await running.imports.CancelImport(request, timeout=10)
            with pytest.raises(errors.Cancelled, match="import mine was cancelled"):
                await anext(outcomes)
        assert await state(running, "mine") == "CANCELLED"
        with pytest.raises(errors.Cancelled):
            await running.sent(requests("mine", photo("green")))
        await create(running, import_id="mine")
        (outcome,) = await running.sent(requests("mine", photo("green")))
    assert outcome.outcome == ADDED
    assert len(running.index.entries) == 3


async def test_an_import_is_watched_until_it_is_over(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await create(running, import_id="mine", total=2)
        call = running.imports.WatchImport(imports.WatchImportRequest(import_id="mine"), timeout=20)
        watched = clients.stream(call)
        first = await anext(watched)
        await running.sent(requests("mine", *reds(2)))
        await running.imports.FinishImport(imports.FinishImportRequest(import_id="mine"))
        last = [one.progress.record async for one in watched][-1]
    assert first.progress.record.added == 0
    assert not first.progress.HasField("remaining_s")
    assert (last.added, last.state) == (2, records.IMPORT_STATE_FINISHED)


async def test_a_gateway_that_starts_again_knows_what_was_interrupted(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await create(running, import_id="mine")
        await running.sent(requests("mine", photo("red")))
        running.records.records["mine"].state = records.IMPORT_STATE_RUNNING
        async with running.gateway():
            await until(lambda: running.records.records["mine"].state == 5)
            (outcome,) = await running.sent(requests("mine", photo("green")))
            assert await state(running, "mine") == "RUNNING"
    assert outcome.outcome == ADDED


async def test_a_stream_without_an_id_is_an_import_of_its_own(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.imported(photo("red"))
        page = await running.imports.ListImports(imports.ListImportsRequest(), timeout=10)
    (found,) = page.imports
    assert (found.record.added, found.record.state) == (1, records.IMPORT_STATE_FINISHED)


async def test_an_import_without_room_for_it_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        with pytest.raises(errors.Mismatch, match="MiB free; the photos take 1,048,576 MiB"):
            await create(running, total_bytes=2**40)
        assert not running.records.records


async def test_two_imports_at_once_share_the_way_in(tmp_path: Path) -> None:
    async with house(tmp_path, photos_in_flight=2) as running:
        await create(running, import_id="a")
        await create(running, import_id="b")
        both = await asyncio.gather(
            running.sent(requests("a", *reds(6))),
            running.sent(requests("b", *reds(6, start=4))),
        )
        first, second = await progress(running, "a"), await progress(running, "b")
    assert all(one.outcome in (ADDED, DUPLICATE) for one in (*both[0], *both[1]))
    assert first.record.added + second.record.added == 10
    assert first.record.duplicate + second.record.duplicate == 2


@pytest.mark.parametrize("rpc", ["Pause", "Resume", "Cancel", "Finish", "Get", "Watch"])
async def test_an_unknown_import_is_not_found(tmp_path: Path, rpc: str) -> None:
    async with house(tmp_path) as running:
        request = getattr(imports, f"{rpc}ImportRequest")(import_id="nobody")
        call = getattr(running.imports, f"{rpc}Import")(request, timeout=10)
        answer = anext(clients.stream(call)) if rpc == "Watch" else clients.call(call)
        with pytest.raises(errors.NotFound, match="there is no import nobody"):
            await answer
