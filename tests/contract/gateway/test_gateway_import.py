"""Photos in: every photo has its own outcome, and what is acknowledged is there."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from common import errors, images
from semapix.v1 import gateway_pb2 as pb
from tests.contract.gateway.gateway_house import house, photo, pieces, until

ADDED, DUPLICATE = pb.OUTCOME_ADDED, pb.OUTCOME_DUPLICATE
REJECTED, FAILED = pb.OUTCOME_REJECTED, pb.OUTCOME_FAILED


async def test_each_photo_gets_its_outcome_and_one_bad_photo_fails_no_other(tmp_path: Path) -> None:
    good, torn = photo("red"), photo("green", size=(400, 300))
    batch = [good, b"", b"no picture at all" * 9, torn[: len(torn) // 2], photo("blue"), good]
    async with house(tmp_path) as running:
        outcomes = await running.imported(*batch)
        entry = running.index.entries[outcomes[0].photo_id]
        originals, uploads = running.originals(), running.uploads()
    assert [one.outcome for one in outcomes[:5]] == [ADDED, REJECTED, REJECTED, REJECTED, ADDED]
    assert [one.reason for one in outcomes[1:4]] == [
        pb.REJECT_REASON_EMPTY,
        pb.REJECT_REASON_NOT_AN_IMAGE,
        pb.REJECT_REASON_DAMAGED,
    ]
    assert [one.message for one in outcomes[1:3]] == [
        "It has no bytes.",
        f"It is not a picture of a format that is read ({', '.join(images.FORMATS)}).",
    ]
    assert outcomes[3].message.startswith("The picture is damaged: ")
    assert {outcomes[0].outcome, outcomes[5].outcome} <= {ADDED, DUPLICATE}
    assert outcomes[0].photo_id == hashlib.sha256(good).hexdigest()
    assert (entry.facts.width, entry.facts.height, entry.facts.format) == (64, 48, "JPEG")
    assert entry.facts.bytes == len(good)
    assert originals == {outcomes[0].photo_id, outcomes[4].photo_id}
    assert not uploads


async def test_identical_photos_are_added_once_and_importing_again_adds_nothing(
    tmp_path: Path,
) -> None:
    batch = [photo("red"), photo("red"), photo("red"), photo("green")]
    async with house(tmp_path) as running:
        first = await running.imported(*batch)
        second = await running.imported(*batch)
    assert sorted(one.outcome for one in first[:3]) == [ADDED, DUPLICATE, DUPLICATE]
    assert [one.outcome for one in second] == [DUPLICATE] * 4
    assert len(running.index.entries) == 2


async def test_photos_that_are_ready_are_embedded_by_one_call(tmp_path: Path) -> None:
    async with house(tmp_path, embed_calls=1) as running:
        running.detector.available.clear()
        outcomes = await running.imported(*(photo("red", seed=seed) for seed in range(24)))
    assert [one.outcome for one in outcomes] == [ADDED] * 24
    assert len(running.embedder.batches) < 24
    assert max(running.embedder.batches) <= 4


async def test_a_photo_above_the_limit_of_bytes_is_too_large(tmp_path: Path) -> None:
    async with house(tmp_path, photo_bytes=5000) as running:
        outcomes = await running.imported(b"x" * 5001, photo("red", size=(16, 16)))
    assert outcomes[0].reason == pb.REJECT_REASON_TOO_LARGE
    assert outcomes[0].message == "It has more than 5,000 bytes."
    assert outcomes[1].outcome == ADDED


async def test_a_photo_without_its_last_piece_is_incomplete(tmp_path: Path) -> None:
    cut = list(pieces(0, photo("red", size=(200, 200))))[:-1]
    after = list(pieces(1, photo("green")))
    async with house(tmp_path) as running:
        outcomes = await running.sent([*cut, *after])
        ended = await running.sent(cut)
    assert [one.outcome for one in outcomes] == [REJECTED, ADDED]
    assert [one.reason for one in (outcomes[0], ended[0])] == [pb.REJECT_REASON_INCOMPLETE] * 2
    assert outcomes[0].source == "photo-0.jpg"


async def test_items_out_of_order_end_the_stream_after_the_photos_before_them(
    tmp_path: Path,
) -> None:
    requests = [*pieces(0, photo("red")), *pieces(2, photo("green"))]
    async with house(tmp_path) as running:
        with pytest.raises(errors.InvalidInput) as caught:
            await running.sent(requests)
        assert len(running.index.entries) == 1
    assert caught.value.field == "item"


async def test_an_embedder_that_is_away_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.served["embedder"].stop()
        importing = asyncio.create_task(running.imported(photo("red"), photo("green")))
        await asyncio.sleep(1.0)
        await running.served["embedder"].start()
        outcomes = await importing
    assert [one.outcome for one in outcomes] == [ADDED, ADDED]


async def test_a_queue_that_is_full_is_tried_again(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.embedder.refusals = 3
        outcomes = await running.imported(photo("red"))
    assert outcomes[0].outcome == ADDED


@pytest.mark.parametrize("name", ["embedder", "index"])
async def test_a_service_that_stays_away_fails_the_photos_and_leaves_nothing(
    tmp_path: Path, name: str
) -> None:
    async with house(tmp_path, patience_s=0.5, photos_in_flight=3) as running:
        await running.served[name].stop()
        async with asyncio.timeout(15):
            outcomes = await running.imported(*(photo("red", seed=seed) for seed in range(3)))
        assert not running.originals()
        assert not running.uploads()
        await running.served[name].start()
        again = await running.imported(photo("red"))
    assert [one.outcome for one in outcomes] == [FAILED] * 3
    assert all(
        one.message.startswith(f"The {name} does not answer at 127.0.0.1:") for one in outcomes
    )
    assert again[0].outcome == ADDED


async def test_an_embedder_with_another_model_fails_the_import_with_a_sentence(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as running:
        await running.imported(photo("red"))
        await running.served["embedder"].stop()
        running.embedder.fingerprint = "other"
        await running.served["embedder"].start()
        (outcome,) = await running.imported(photo("green"))
        with pytest.raises(errors.Mismatch, match="colours-other"):
            await running.imported(photo("green"))
        assert "another model than colours-other" in (await running.status()).notices[0]
    assert outcome.outcome == FAILED
    assert "colours-other" in outcome.message


async def test_a_client_that_goes_away_leaves_no_upload_behind(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[pb.ImportPhotosRequest]:
        yield pb.ImportPhotosRequest(item=0, source="slow", chunk=b"x" * 1000)
        await asyncio.sleep(60)

    async with house(tmp_path) as running:
        call = running.stub.ImportPhotos(endless())
        reading = asyncio.create_task(call.read())
        await until(running.uploads)
        call.cancel()
        await until(lambda: not running.uploads())
        with pytest.raises((asyncio.CancelledError, grpc.aio.AioRpcError)):
            await reading
        assert (await running.imported(photo("red")))[0].outcome == ADDED


async def test_an_original_that_was_lost_comes_back_with_the_next_import(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        (first,) = await running.imported(photo("red"))
        next((tmp_path / "originals").glob("*/*/*")).unlink()
        (second,) = await running.imported(photo("red"))
        assert running.originals() == {first.photo_id}
    assert second.outcome == DUPLICATE
