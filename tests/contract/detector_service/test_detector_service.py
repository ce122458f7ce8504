"""DetectorService on a real socket: what it finds, what it refuses, and how it says so."""

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from common import errors, server
from detector_service.looking import Lookout
from detector_service.servicer import NAME, DetectorServicer
from semapix.v1 import detector_pb2 as pb
from semapix.v1 import types_pb2
from tests.contract.detector_service.lookouts import (
    LIMITS,
    NO_DETECTOR,
    Captions,
    Halves,
    analyze,
    detector,
    encoded,
    refusal,
)


async def test_one_call_finds_objects_and_texts() -> None:
    async with detector(Halves(), Captions()) as stub:
        found = await analyze(stub, encoded())
    (dog,), (line,) = found.objects, found.lines
    assert (dog.kind, dog.label, dog.confidence) == (types_pb2.KIND_ANIMAL, "dog", 0.75)
    assert (dog.box.x, dog.box.y, dog.box.width, dog.box.height) == (0, 0, 0.5, 1)
    assert (line.text, line.confidence, line.block) == ("80 by 60", 0.5, 3)
    assert line.box.height == 0.25
    assert list(found.features) == [pb.FEATURE_OBJECTS, pb.FEATURE_TEXTS]
    assert found.timing.compute_ms > 0


@pytest.mark.parametrize(
    ("feature", "objects", "lines"), [(pb.FEATURE_OBJECTS, 1, 0), (pb.FEATURE_TEXTS, 0, 1)]
)
async def test_only_what_was_asked_for_is_looked_for(
    feature: int, objects: int, lines: int
) -> None:
    async with detector(Halves(), Captions()) as stub:
        found = await analyze(stub, encoded(), feature, feature)
    assert (len(found.objects), len(found.lines)) == (objects, lines)
    assert list(found.features) == [feature]


async def test_picture_is_looked_at_upright() -> None:
    async with detector(Halves(), Captions()) as stub:
        found = await analyze(stub, encoded((80, 60), form="JPEG", orientation=6))
    assert found.lines[0].text == "60 by 80"


async def test_large_picture_is_looked_at_in_a_working_size() -> None:
    async with detector(Halves(), Captions()) as stub:
        found = await analyze(stub, encoded((2000, 100)))
    assert found.lines[0].text == "1600 by 80"


async def test_line_of_one_pixel_is_looked_at_with_something_to_shrink() -> None:
    async with detector(Halves(), Captions()) as stub:
        found = await analyze(stub, encoded((1, 5000)))
    assert found.lines[0].text == "2 by 1600"


async def test_without_a_model_the_rest_is_found_and_the_answer_says_which() -> None:
    async with detector(NO_DETECTOR, Captions()) as stub:
        found = await analyze(stub, encoded())
    assert not found.objects
    assert len(found.lines) == 1
    assert list(found.features) == [pb.FEATURE_TEXTS]


async def test_asking_for_a_feature_without_a_model_says_what_to_do() -> None:
    async with detector(NO_DETECTOR, Captions()) as stub:
        with pytest.raises(errors.Mismatch, match=r"objects.*put one there"):
            await analyze(stub, encoded(), pb.FEATURE_TEXTS, pb.FEATURE_OBJECTS)


async def test_information_tells_which_features_there_are_and_why_not() -> None:
    async with detector(NO_DETECTOR, Captions()) as stub:
        told = await stub.GetDetectorInfo(pb.GetDetectorInfoRequest(), timeout=10)
    objects, texts = told.features
    assert objects == pb.FeatureInfo(feature=pb.FEATURE_OBJECTS, reason=NO_DETECTOR.reason)
    assert texts == pb.FeatureInfo(
        feature=pb.FEATURE_TEXTS,
        available=True,
        model="captions",
        fingerprint="cd" * 32,
        device="cuda:0",
    )
    assert told.max_image_bytes == LIMITS.max_bytes


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"these are words, not a picture",
        encoded((400, 300), form="JPEG")[:1500],
        encoded((600, 500)),
        b"\x89PNG" + bytes(LIMITS.max_bytes),
    ],
    ids=["empty", "not a picture", "truncated", "too many pixels", "too many bytes"],
)
async def test_bad_picture_is_invalid_and_the_field_is_named(image: bytes) -> None:
    error = await refusal(image)
    assert isinstance(error, errors.InvalidInput)
    assert error.field == "image"


@pytest.mark.parametrize("number", [pb.FEATURE_UNSPECIFIED, 77])
async def test_unknown_feature_is_invalid_and_its_place_is_named(number: int) -> None:
    error = await refusal(encoded(), pb.FEATURE_TEXTS, number)
    assert isinstance(error, errors.InvalidInput)
    assert error.field == "features[1]"


async def test_full_queue_refuses_and_says_when_to_come_back() -> None:
    halves = Halves()
    halves.gate.clear()
    async with detector(halves, Captions(), max_waiting=1) as stub:
        waiting = [asyncio.create_task(analyze(stub, encoded()))]
        await asyncio.to_thread(halves.looking.acquire)
        waiting.append(asyncio.create_task(analyze(stub, encoded())))
        await asyncio.sleep(0.3)
        with pytest.raises(errors.Overloaded) as caught:
            await analyze(stub, encoded())
        halves.gate.set()
        found = await asyncio.gather(*waiting)
    assert caught.value.retry_after_s > 0
    assert [len(each.objects) for each in found] == [1, 1]


async def test_texts_are_read_while_objects_take_their_time() -> None:
    halves = Halves()
    halves.gate.clear()
    async with detector(halves, Captions()) as stub:
        slow = asyncio.create_task(analyze(stub, encoded(), pb.FEATURE_OBJECTS))
        await asyncio.to_thread(halves.looking.acquire)
        assert len((await analyze(stub, encoded(), pb.FEATURE_TEXTS)).lines) == 1
        halves.gate.set()
        assert len((await slow).objects) == 1


async def test_health_and_reflection_answer() -> None:
    lookout = Lookout(Halves(), Captions(), max_waiting=1)
    servicer = DetectorServicer(lookout, limits=LIMITS, max_waiting=1)
    async with (
        lookout.running(),
        server.running(servicer.register, names=[NAME], address="127.0.0.1:0") as running,
    ):
        await running.set_ready()
        health, names = await asyncio.to_thread(_health_and_names, running.port)
    assert health == health_pb2.HealthCheckResponse.SERVING
    assert NAME in names


def _health_and_names(port: int) -> tuple[int, set[str]]:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = health_pb2.HealthCheckRequest(service=NAME)
        status = health_pb2_grpc.HealthStub(channel).Check(request, timeout=10).status
        return status, set(ProtoReflectionDescriptorDatabase(channel).get_services())
