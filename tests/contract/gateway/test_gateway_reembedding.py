"""A library embedded anew by another model while it is in use, over a real index."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from common import clients, errors
from gateway import lacking, second_vectors
from semapix.v1 import embedder_pb2_grpc, vector_sets_pb2, vector_sets_pb2_grpc
from semapix.v1 import housekeeping_pb2 as keeping
from semapix.v1 import reembedding_pb2 as pb
from semapix.v1 import reembedding_pb2_grpc as rpc
from tests.contract.gateway import real_index
from tests.contract.gateway.gateway_fakes import FakeEmbedder
from tests.contract.gateway.gateway_house import Served, photo
from tests.contract.gateway.real_index import Kept

# Three photos, each with a dog, a line of text and its two words.
SAMPLES = 3 * 5


@dataclass
class Anew:
    """A library of three photos, a second embedder, and the rpcs that matter here."""

    kept: Kept
    embedder: FakeEmbedder
    served: Served
    sets: vector_sets_pb2_grpc.VectorSetServiceStub

    @property
    def stub(self) -> rpc.ReembeddingServiceStub:
        return rpc.ReembeddingServiceStub(self.kept.house.channel)

    async def start(self, address: str = "") -> pb.StartReembeddingResponse:
        request = pb.StartReembeddingRequest(embedder=address or self.served.address)
        return await clients.call(self.stub.StartReembedding(request))

    async def state(self) -> pb.Reembedding:
        answer = await clients.call(self.stub.GetReembedding(pb.GetReembeddingRequest()))
        return cast("pb.Reembedding", answer.progress)

    async def until(self, state: "pb.ReembeddingState") -> pb.Reembedding:
        """Return how it stands once it stands so; that it ever does is what is promised."""
        while True:
            now = await self.state()
            if now.state == state:
                return now
            await asyncio.sleep(0.05)

    async def cancel(self) -> bool:
        request = pb.CancelReembeddingRequest()
        return (await clients.call(self.stub.CancelReembedding(request))).cancelled

    def hide(self, number: int) -> Path:
        """Take an original away; return where it is now."""
        path = self.kept.path(self.kept.ids[number])
        return path.rename(path.with_suffix(".hidden"))

    async def finds_all(self) -> None:
        for number, colour in enumerate(real_index.COLOURS):
            assert (await self.kept.found(colour))[0] == self.kept.ids[number]


@contextlib.asynccontextmanager
async def library(folder: Path) -> AsyncIterator[Anew]:
    second = FakeEmbedder()
    second.fingerprint, second.zeros = "cafe", 3
    served = Served(
        lambda target: embedder_pb2_grpc.add_EmbedderServiceServicer_to_server(second, target)
    )
    await served.start()
    try:
        async with (
            real_index.kept(folder, stage_wait_s=0.05) as kept,
            clients.channel(kept.house.served["index"].address) as channel,
        ):
            stub = vector_sets_pb2_grpc.VectorSetServiceStub(channel)
            yield Anew(kept, second, served, stub)
    finally:
        second.hold.set()
        await served.stop()


@pytest.fixture
async def anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Anew]:
    monkeypatch.setattr("gateway.reembedding.RECHECK_S", 0.1)
    async with library(tmp_path) as made:
        yield made


async def test_every_sample_is_embedded_anew_and_then_searched(anew: Anew) -> None:
    await anew.finds_all()
    begun = await anew.start()
    assert begun.outcome == pb.START_OUTCOME_BEGUN
    done = await anew.until(pb.REEMBEDDING_STATE_NONE)
    assert (done.serving_fingerprint, done.serving_model) == ("cafe", "colours-cafe")
    await anew.finds_all()
    status = await anew.kept.house.status()
    assert status.fingerprint == "cafe"
    assert [one.models for one in status.services if one.name == "embedder"] == [["colours-cafe"]]
    assert not status.notices
    assert not await anew.kept.checked()


async def test_old_vectors_serve_until_all_are_there(anew: Anew) -> None:
    anew.embedder.hold.clear()
    await anew.start()
    await anew.finds_all()
    now = await anew.state()
    assert (now.state, now.total) == (pb.REEMBEDDING_STATE_RUNNING, SAMPLES)
    assert (now.serving_fingerprint, now.fingerprint) == ("feed", "cafe")
    (notice,) = (await anew.kept.house.status()).notices
    assert "embedded anew with colours-cafe" in notice
    anew.embedder.hold.set()
    await anew.until(pb.REEMBEDDING_STATE_NONE)


async def test_what_is_imported_meanwhile_gets_both_vectors(anew: Anew) -> None:
    hidden = anew.hide(1)
    await anew.start()
    await anew.until(pb.REEMBEDDING_STATE_HELD)
    (outcome,) = await anew.kept.house.imported(photo("white"))
    await anew.kept.house.idle()
    request = vector_sets_pb2.ListLackingRequest(fingerprint="cafe")
    left = await clients.call(anew.sets.ListLacking(request))
    assert [one.photo_id for one in left.photos] == [anew.kept.ids[1]]
    assert outcome.photo_id in await anew.kept.found("white")
    hidden.rename(hidden.with_suffix(""))
    await anew.until(pb.REEMBEDDING_STATE_NONE)
    assert outcome.photo_id in await anew.kept.found("white")


async def test_a_second_embedder_that_hangs_fails_no_import(
    anew: Anew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_vectors, "MOST_S", 0.05)
    monkeypatch.setattr(lacking, "LONGEST_HOLD_S", 0.05)
    anew.embedder.hold.clear()
    await anew.start()
    (outcome,) = await anew.kept.house.imported(photo("white"))
    assert outcome.photo_id in await anew.kept.found("white")
    anew.embedder.hold.set()
    await anew.until(pb.REEMBEDDING_STATE_NONE)
    assert outcome.photo_id in await anew.kept.found("white")


async def test_photos_that_cannot_be_embedded_hold_it_until_they_are_removed(anew: Anew) -> None:
    anew.hide(2)
    await anew.start()
    held = await anew.until(pb.REEMBEDDING_STATE_HELD)
    assert "1 photo cannot be embedded" in held.message
    assert anew.kept.ids[2][:12] in held.message
    assert (await anew.kept.found("blue"))[0] == anew.kept.ids[2]
    await anew.kept.removed(anew.kept.ids[2], permanently=True)
    assert (await anew.until(pb.REEMBEDDING_STATE_NONE)).serving_fingerprint == "cafe"


async def test_a_gateway_that_starts_again_asks_the_embedder_of_the_library(anew: Anew) -> None:
    """As after a crash between the swap in the index and the gateway's own."""
    await anew.start()
    await anew.until(pb.REEMBEDDING_STATE_NONE)
    async with anew.kept.house.gateway():
        await anew.finds_all()
        (outcome,) = await anew.kept.house.imported(photo("white"))
        assert outcome.photo_id in await anew.kept.found("white")
        anew.kept.house.embedder.fingerprint = "cafe"
        anew.kept.house.embedder.zeros = 3
        await anew.served.stop()
        await anew.finds_all()
        await anew.served.start()


async def test_it_goes_on_after_the_death_of_index_embedder_and_gateway(anew: Anew) -> None:
    house = anew.kept.house
    anew.embedder.hold.clear()
    await anew.start()
    await house.served["index"].stop()
    await anew.served.stop()
    anew.embedder.hold.set()
    async with house.gateway(stage_wait_s=0.05):
        await house.served["index"].start()
        waiting = await anew.until(pb.REEMBEDDING_STATE_WAITING)
        assert "embedder does not answer" in waiting.message
        await anew.served.start()
        await anew.until(pb.REEMBEDDING_STATE_NONE)
        await anew.finds_all()


async def test_a_model_that_the_library_has_is_not_embedded_with_again(anew: Anew) -> None:
    started = await anew.start(anew.kept.house.served["embedder"].address)
    assert started.outcome == pb.START_OUTCOME_UNNEEDED
    assert started.progress.state == pb.REEMBEDDING_STATE_NONE
    assert not anew.embedder.batches


async def test_a_second_model_has_to_wait_for_the_first(anew: Anew) -> None:
    anew.hide(0)
    await anew.start()
    third = FakeEmbedder()
    third.fingerprint = "beef"
    served = Served(
        lambda target: embedder_pb2_grpc.add_EmbedderServiceServicer_to_server(third, target)
    )
    await served.start()
    with pytest.raises(errors.Mismatch, match="embedded anew with colours-cafe"):
        await anew.start(served.address)
    await served.stop()


async def test_cancelling_drops_what_was_made(anew: Anew) -> None:
    anew.hide(0)
    await anew.start()
    await anew.until(pb.REEMBEDDING_STATE_HELD)
    assert await anew.cancel()
    now = await anew.until(pb.REEMBEDDING_STATE_NONE)
    assert (now.serving_fingerprint, now.fingerprint) == ("feed", "")
    assert not await anew.cancel()
    assert (await anew.kept.found("blue"))[0] == anew.kept.ids[2]


async def test_photos_come_back_from_the_trash_by_the_new_model(anew: Anew) -> None:
    red = anew.kept.ids[0]
    await anew.kept.removed(red)
    await anew.start()
    await anew.until(pb.REEMBEDDING_STATE_NONE)
    request = keeping.RestorePhotosRequest(photo_ids=[red])
    answer = await clients.call(anew.kept.keeping.RestorePhotos(request))
    assert [status.code for status in answer.statuses] == [0]
    await anew.finds_all()
    await anew.kept.house.idle()
    assert not await anew.kept.checked()


@pytest.mark.parametrize("address", ["", "nowhere", "host:port"])
async def test_an_address_that_is_none_is_named(anew: Anew, address: str) -> None:
    request: Any = pb.StartReembeddingRequest(embedder=address)
    with pytest.raises(errors.InvalidInput, match="host:port"):
        await clients.call(anew.stub.StartReembedding(request))
