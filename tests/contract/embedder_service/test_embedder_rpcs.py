"""The embedder on a real socket: what it answers to good requests, and to each kind of bad one."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from common import clients, errors, vectors
from embedder_service.settings import Settings
from embedder_service.understanding import Understanding
from semapix.v1 import embedder_pb2 as pb
from semapix.v1 import types_pb2 as types

INVALID = grpc.StatusCode.INVALID_ARGUMENT.value[0]
RED, BLUE = types.Box(x=0, y=0, width=0.4, height=1), types.Box(x=0.6, y=0, width=0.4, height=1)


def images(*pictures: bytes, regions: tuple[types.Box, ...] = ()) -> pb.EmbedImagesRequest:
    return pb.EmbedImagesRequest(
        images=[pb.ImageRegions(image=picture, regions=regions) for picture in pictures]
    )


def rows(embedding: pb.ImageEmbedding) -> list[vectors.Floats]:
    return [vectors.unpack(vector.values, dimension=3) for vector in embedding.vectors]


async def test_information_names_model_limits_and_constants(serve: Any, encoder: Any) -> None:
    async with serve(encoder, Settings(max_images=5)) as stub:
        told = await stub.GetEncoderInfo(pb.GetEncoderInfoRequest())
    assert (told.model, told.fingerprint) == ("colours", encoder.about.fingerprint)
    assert (told.dimension, told.device, told.precision) == (3, "cpu", "float32")
    assert (told.max_images, told.max_texts) == (5, Settings().max_texts)
    assert sorted(each.pair for each in told.calibrations) == [1, 2, 3]
    assert {each.slope for each in told.calibrations} == {10.0}


async def test_regions_are_cut_out_of_the_one_picture_in_their_order(
    serve: Any, encoder: Any, picture: bytes
) -> None:
    async with serve(encoder) as stub:
        answer = await stub.EmbedImages(images(picture, regions=(BLUE, RED)))
    blue, red = rows(answer.embeddings[0])
    assert blue.argmax() == 2
    assert red.argmax() == 0
    assert answer.fingerprint == encoder.about.fingerprint
    assert answer.timing.compute_ms > 0


async def test_picture_without_regions_is_embedded_whole(
    serve: Any, encoder: Any, picture: bytes
) -> None:
    async with serve(encoder) as stub:
        answer = await stub.EmbedImages(images(picture))
    (whole,) = rows(answer.embeddings[0])
    assert abs(whole[0] - whole[2]) < 0.1 * whole[0]


async def test_bad_pictures_fail_alone(serve: Any, encoder: Any, picture: bytes) -> None:
    outside = pb.ImageRegions(image=picture, regions=[RED, types.Box(x=0.9, y=0, width=0.5)])
    request = images(picture, b"not a picture", picture[: len(picture) // 2], b"", picture)
    request.images.append(outside)
    async with serve(encoder) as stub:
        answer = await stub.EmbedImages(request)
    codes = [embedding.status.code for embedding in answer.embeddings]
    assert codes == [0, INVALID, INVALID, INVALID, 0, INVALID]
    starts = ["", "images[1].image: ", "images[2].image: ", "images[3].image: ", ""]
    for embedding, start in zip(
        answer.embeddings, [*starts, "images[5].regions[1]: "], strict=True
    ):
        assert embedding.status.message.startswith(start)
        assert bool(embedding.status.message) == bool(start)
        assert len(embedding.vectors) == (0 if start else 1)
    np.testing.assert_array_equal(rows(answer.embeddings[0]), rows(answer.embeddings[4]))


async def test_request_of_bad_pictures_alone_is_answered(serve: Any, encoder: Any) -> None:
    async with serve(encoder) as stub:
        answer = await stub.EmbedImages(images(b"no", b"no"))
    assert [embedding.status.code for embedding in answer.embeddings] == [INVALID, INVALID]
    assert encoder.batches == []


async def test_texts_are_normalised_and_blank_ones_fail_alone(serve: Any, encoder: Any) -> None:
    texts = ["Grey  GOOSE\n", "grey goose", " \t", "one two three four five"]
    async with serve(encoder) as stub:
        answer = await stub.EmbedTexts(pb.EmbedTextsRequest(texts=texts))
    first, second, blank, long = answer.embeddings
    assert first.vector == second.vector
    assert blank.status.code == INVALID
    assert blank.status.message.startswith("texts[2]: is blank")
    assert not blank.HasField("vector")
    assert [each.truncated for each in answer.embeddings] == [False, False, False, True]
    assert long.status.code == 0


async def test_how_well_a_text_is_understood_is_told(serve: Any, encoder: Any) -> None:
    request = pb.EmbedTextsRequest(texts=["bbbbbbbb", "rrrrrrrr"])
    async with serve(encoder) as stub:
        unknown = await stub.EmbedTexts(request)
        encoder.probe = Understanding(np.array([9.0, 0.0, -9.0], np.float32), 0.0)
        known = await stub.EmbedTexts(request)
    assert not any(each.HasField("understood") for each in unknown.embeddings)
    strange, clear = (each.understood for each in known.embeddings)
    assert strange < 0.1 < 0.9 < clear


SMALL = Settings(max_images=2, max_image_bytes=2000, max_regions=2, max_texts=2, max_text_chars=9)
BAD: dict[str, Callable[[bytes], Any]] = {
    "images": lambda _: pb.EmbedImagesRequest(),
    "images ": lambda picture: images(picture, picture, picture),
    "images[1].image": lambda picture: images(picture, b"x" * 2001),
    "images[0].regions": lambda picture: images(picture, regions=(RED, RED, RED)),
    "texts": lambda _: pb.EmbedTextsRequest(),
    "texts ": lambda _: pb.EmbedTextsRequest(texts=["a", "b", "c"]),
    "texts[1]": lambda _: pb.EmbedTextsRequest(texts=["a", "a long text"]),
}


@pytest.mark.parametrize("field", BAD)
async def test_request_that_is_empty_or_above_a_limit_names_its_field(
    serve: Any, encoder: Any, picture: bytes, field: str
) -> None:
    request = BAD[field](picture)
    async with serve(encoder, SMALL) as stub:
        call = stub.EmbedTexts if field.startswith("texts") else stub.EmbedImages
        with pytest.raises(errors.InvalidInput) as caught:
            await clients.call(call(request))
    assert caught.value.field == field.strip()


async def test_other_fingerprint_is_a_mismatch_and_its_own_is_not(
    serve: Any, encoder: Any, picture: bytes
) -> None:
    own, other = encoder.about.fingerprint, "0" * 64
    async with serve(encoder) as stub:
        await stub.EmbedTexts(pb.EmbedTextsRequest(texts=["a"], fingerprint=own))
        request = images(picture)
        request.fingerprint = other
        with pytest.raises(errors.Mismatch, match="colours has the fingerprint ffff"):
            await clients.call(stub.EmbedImages(request))
        with pytest.raises(errors.Mismatch):
            await clients.call(
                stub.EmbedTexts(pb.EmbedTextsRequest(texts=["a"], fingerprint=other))
            )


async def test_requests_that_wait_together_run_together(
    serve: Any, encoder: Any, picture: bytes
) -> None:
    encoder.gate.clear()
    async with serve(encoder) as stub:
        held = asyncio.ensure_future(stub.EmbedImages(images(picture)))
        await asyncio.sleep(0.2)
        rest = [asyncio.ensure_future(stub.EmbedImages(images(picture))) for _ in range(5)]
        await asyncio.sleep(0.3)
        encoder.gate.set()
        answers = await asyncio.gather(held, *rest)
    assert encoder.batches == [1, 5]
    assert all(answer.timing.queue_ms > 100 for answer in answers[1:])


async def test_full_queue_refuses_with_a_time_to_come_back(
    serve: Any, encoder: Any, picture: bytes
) -> None:
    encoder.gate.clear()
    async with serve(encoder, Settings(max_waiting=4)) as stub:
        held = asyncio.ensure_future(stub.EmbedImages(images(picture, picture)))
        await asyncio.sleep(0.2)
        with pytest.raises(errors.Overloaded, match="2 pictures and regions are") as caught:
            await clients.call(stub.EmbedImages(images(picture, regions=(RED, RED, BLUE))))
        encoder.gate.set()
        await held
        await stub.EmbedImages(images(picture, regions=(RED, RED, BLUE)))
    assert caught.value.retry_after_s > 0


async def test_request_above_the_queue_runs_when_it_is_alone(
    serve: Any, encoder: Any, picture: bytes
) -> None:
    async with serve(encoder, Settings(max_waiting=2, max_batch=2)) as stub:
        answer = await stub.EmbedImages(images(picture, regions=(RED, RED, BLUE)))
    assert len(answer.embeddings[0].vectors) == 3


async def test_texts_and_health_are_answered_while_the_model_looks_at_pictures(
    serve: Any, encoder: Any, picture: bytes
) -> None:
    encoder.gate.clear()
    async with serve(encoder) as stub:
        held = asyncio.ensure_future(stub.EmbedImages(images(picture)))
        await asyncio.sleep(0.2)
        await stub.EmbedTexts(pb.EmbedTextsRequest(texts=["a dog"]), timeout=60)
        await stub.GetEncoderInfo(pb.GetEncoderInfoRequest(), timeout=60)
        assert not held.done()
        encoder.gate.set()
        await held


async def test_health_names_the_service(serve: Any, encoder: Any) -> None:
    async with serve(encoder) as stub, clients.channel(stub.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service="semapix.v1.EmbedderService")
        answer = await health.Check(request)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
