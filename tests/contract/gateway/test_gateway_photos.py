"""Photos looked at and removed; the status; the analysis service at the same address."""

import io
import resource
import shutil
import time
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from PIL import Image

from common import clients, errors
from common.interceptors import REQUEST_ID_KEY
from semapix.v1 import analysis_pb2
from semapix.v1 import gateway_pb2 as pb
from tests.contract.gateway import gateway_fake_index
from tests.contract.gateway.gateway_house import House, house, photo

UNKNOWN = "0" * 64


async def joined(call: object) -> bytes:
    """Return the bytes of a download, whose chunks are small enough."""
    chunks = [response.chunk async for response in clients.stream(call)]
    assert all(len(chunk) <= 2**20 for chunk in chunks)
    return b"".join(chunks)


async def original(running: House, photo_id: str) -> bytes:
    request = pb.DownloadOriginalRequest(photo_id=photo_id)
    return await joined(running.stub.DownloadOriginal(request, timeout=10))


async def thumbnail(running: House, photo_id: str, size_px: int) -> Image.Image:
    request = pb.DownloadThumbnailRequest(photo_id=photo_id, size_px=size_px)
    encoded = await joined(running.stub.DownloadThumbnail(request, timeout=10))
    return Image.open(io.BytesIO(encoded))


async def removed(running: House, *photo_ids: str) -> list[int]:
    request = pb.RemovePhotosRequest(photo_ids=photo_ids, permanently=True)
    answer = await clients.call(running.stub.RemovePhotos(request, timeout=10))
    return [status.code for status in answer.statuses]


async def test_original_comes_back_byte_for_byte_and_thumbnails_in_sizes(tmp_path: Path) -> None:
    large = photo("red", size=(1500, 900))
    async with house(tmp_path) as running:
        (outcome,) = await running.imported(large)
        assert await original(running, outcome.photo_id) == large
        sizes = [
            (await thumbnail(running, outcome.photo_id, asked)).size
            for asked in (0, 16, 100, 320, 1000)
        ]
        with pytest.raises(errors.InvalidInput) as caught:
            await thumbnail(running, outcome.photo_id, 1025)
    assert sizes == [(320, 192), (64, 38), (160, 96), (320, 192), (1024, 614)]
    assert caught.value.field == "size_px"


async def test_a_full_disk_keeps_no_thumbnail_and_shows_it_all_the_same(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        (outcome,) = await running.imported(photo("red"))
        await running.idle()
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            shown = await thumbnail(running, outcome.photo_id, 64)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert shown.size == (64, 48)
        assert not list((tmp_path / "thumbnails").rglob("*.jpg*"))
        assert (await thumbnail(running, outcome.photo_id, 64)).size == (64, 48)
        assert list((tmp_path / "thumbnails").rglob("*.jpg"))


async def test_files_of_an_unknown_photo_are_not_found(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        with pytest.raises(errors.NotFound):
            await original(running, UNKNOWN)
        with pytest.raises(errors.NotFound):
            await thumbnail(running, UNKNOWN, 0)
        with pytest.raises(errors.InvalidInput):
            await original(running, "../../../etc/passwd")


async def test_an_original_that_is_lost_is_data_loss(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        (outcome,) = await running.imported(photo("red"))
        next((tmp_path / "originals").glob("*/*/*")).unlink()
        with pytest.raises(errors.DataLoss, match="import it again"):
            await original(running, outcome.photo_id)


async def test_photos_are_listed_and_given_one_by_one(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        outcomes = await running.imported(*(photo("red", seed=seed) for seed in range(5)))
        first = await clients.call(running.stub.ListPhotos(pb.ListPhotosRequest(page_size=3)))
        request = pb.ListPhotosRequest(page_size=3, page_token=first.next_page_token)
        second = await clients.call(running.stub.ListPhotos(request))
        jump = pb.ListPhotosRequest(page_size=2, skip=3)
        jumped = await clients.call(running.stub.ListPhotos(jump))
        one = pb.GetPhotoRequest(photo_id=outcomes[0].photo_id)
        got = (await clients.call(running.stub.GetPhoto(one))).photo
        both = pb.BatchGetPhotosRequest(photo_ids=[UNKNOWN, outcomes[1].photo_id])
        batch = await clients.call(running.stub.BatchGetPhotos(both))
        with pytest.raises(errors.NotFound):
            await clients.call(running.stub.GetPhoto(pb.GetPhotoRequest(photo_id=UNKNOWN)))
        with pytest.raises(errors.InvalidInput) as caught:
            await clients.call(running.stub.ListPhotos(pb.ListPhotosRequest(page_size=1001)))
    listed = [one.facts.photo_id for one in (*first.photos, *second.photos)]
    assert sorted(listed) == sorted(one.photo_id for one in outcomes)
    assert first.total == 5
    assert not second.next_page_token
    assert [one.facts.photo_id for one in jumped.photos] == listed[3:]
    assert got.samples[0].photo_id == got.facts.photo_id == outcomes[0].photo_id
    assert [result.status.code for result in batch.results] == [5, 0]
    assert batch.results[1].photo.facts.photo_id == outcomes[1].photo_id
    assert caught.value.field == "page_size"


async def test_removed_photos_leave_nothing_and_can_come_back(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        kept, gone = await running.imported(photo("red"), photo("green"))
        await running.idle()
        await thumbnail(running, gone.photo_id, 64)
        assert await removed(running, gone.photo_id, UNKNOWN) == [0, 5]
        assert running.originals() == {kept.photo_id} == set(running.index.entries)
        assert not list((tmp_path / "thumbnails").rglob("*.jpg"))
        assert (await running.status()).original_bytes == len(photo("red"))
        (back,) = await running.imported(photo("green"))
        with pytest.raises(errors.InvalidInput) as caught:
            await removed(running, gone.photo_id, "nonsense")
    assert back.outcome == pb.OUTCOME_ADDED
    assert caught.value.field == "photo_ids[1]"


async def test_a_removal_without_the_index_removes_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        (outcome,) = await running.imported(photo("red"))
        await running.served["index"].stop()
        with pytest.raises(errors.Unavailable, match="the index"):
            await removed(running, outcome.photo_id)
        assert running.originals() == {outcome.photo_id}


async def test_status_tells_of_all_services_and_counts(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.imported(photo("red"), photo("green"))
        status = await running.idle()
    assert [(one.name, one.serving, list(one.models)) for one in status.services] == [
        ("embedder", True, ["colours-feed"]),
        ("detector", True, ["eyes", "eyes"]),
        ("index", True, []),
        ("analysis", True, []),
    ]
    assert status.photos == 2
    assert {one.kind: one.count for one in status.samples} == {
        1: 2,
        5: 2,
        8: 6,  # a line of two words, and the words
    }
    assert (status.fingerprint, list(status.notices)) == ("feed", [])
    assert status.original_bytes == len(photo("red")) + len(photo("green"))
    assert status.index_bytes == gateway_fake_index.DISK_BYTES
    assert 0 < status.free_bytes <= shutil.disk_usage(tmp_path).total


@pytest.mark.parametrize("name", ["embedder", "detector", "index", "analysis"])
async def test_status_answers_fast_and_names_a_dead_service(tmp_path: Path, name: str) -> None:
    async with house(tmp_path) as running:
        await running.imported(photo("red"))
        await running.served[name].stop()
        started = time.monotonic()
        status = await running.status()
        took_s = time.monotonic() - started
    dead = [one for one in status.services if not one.serving]
    assert [one.name for one in dead] == [name]
    assert name in dead[0].message
    assert any(f"The {name}" in notice for notice in status.notices)
    assert took_s < 3


async def test_counts_that_nobody_knows_are_never_shown_as_zero_of_a_serving_index(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as running:
        running.detector.available.clear()
        await running.imported(photo("red"))
        running.index.stats_error = errors.DataLoss("the catalogue is damaged")
        status = await running.status()
    index = next(one for one in status.services if one.name == "index")
    assert (status.photos, index.serving) == (0, False)
    assert "the catalogue is damaged" in index.message
    assert any("the catalogue is damaged" in notice.lower() for notice in status.notices)


async def test_services_that_are_slow_on_a_busy_machine_are_not_down(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.imported(photo("red"))
        await running.idle()
        running.index.stats_s = 1.5
        status = await running.status()
    assert all(one.serving for one in status.services)
    assert (status.photos, list(status.notices)) == (1, [])


async def test_analysis_service_is_passed_on_with_its_errors(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        known = analysis_pb2.GetAnalysisRequest(analysis_id="a1")
        metadata = ((REQUEST_ID_KEY, "asked-by-test"),)
        answer = await clients.call(running.analysis.GetAnalysis(known, metadata=metadata))
        watch = analysis_pb2.WatchAnalysisRequest(analysis_id="a1")
        watched = [one async for one in clients.stream(running.analysis.WatchAnalysis(watch))]
        unknown = analysis_pb2.GetAnalysisRequest(analysis_id="?")
        with pytest.raises(errors.InvalidInput) as caught:
            await clients.call(running.analysis.GetAnalysis(unknown))
        broken = analysis_pb2.WatchAnalysisRequest(analysis_id="broken")
        with pytest.raises(errors.NotFound, match="no such analysis"):
            await joined_progress(running.analysis.WatchAnalysis(broken))
        await running.served["analysis"].stop()
        with pytest.raises(errors.Unavailable, match="the analysis does not answer"):
            await clients.call(running.analysis.GetAnalysis(known))
    assert answer.analysis.analysis_id == "a1"
    assert running.fake_analysis.request_ids[0] == "asked-by-test"
    assert [one.analysis.progress for one in watched] == [0.5, 1.0]
    assert caught.value.field == "analysis_id"


async def joined_progress(call: object) -> list[float]:
    return [response.analysis.progress async for response in clients.stream(call)]


async def test_gateway_and_analysis_are_healthy(tmp_path: Path) -> None:
    async with house(tmp_path) as running, clients.channel(running.address) as channel:
        for name in ("semapix.v1.GatewayService", "semapix.v1.AnalysisService"):
            assert await serving(channel, name)


async def serving(channel: grpc.aio.Channel, name: str) -> bool:
    request = health_pb2.HealthCheckRequest(service=name)
    answer = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=5)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
