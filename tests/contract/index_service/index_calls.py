"""A served library and the messages that tests send it."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Sequence
from pathlib import Path

import grpc
import pytest

from common import clients, codec, errors, server, vectors
from common.batching import Batcher
from common.samples import Kind
from index_service import library, servicer_keeping
from index_service.changes import Put, VectorSample
from index_service.settings import Settings
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from semapix.v1 import types_pb2 as types
from tests.unit.index_service import index_values as values


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[rpc.IndexServiceStub]:
    """Serve the library of `folder` on a port of its own; yield its client."""
    async with connected(folder) as channel:
        yield rpc.IndexServiceStub(channel)


@contextlib.asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[grpc.aio.Channel]:
    """Serve the library of `folder` on a port of its own; yield a channel to it."""
    async with listening(folder) as address, clients.channel(address) as channel:
        yield channel


@contextlib.asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[str]:
    """Serve the library of `folder` on a port of its own; yield its address."""
    with library.opened(Settings(folder=folder)) as owned:
        writing = Batcher(owned.apply, max_batch=512, max_waiting=4_096)
        register = servicer_keeping.registered(owned, writing)
        async with (
            writing.running(),
            server.running(
                register, names=servicer_keeping.NAMES, address="127.0.0.1:0"
            ) as running,
        ):
            await running.set_ready()
            yield f"127.0.0.1:{running.port}"


def update(put: Put) -> pb.PhotoUpdate:
    """Return the message of a put."""
    samples = [
        pb.VectorSample(
            sample=codec.sample_to(item.sample),
            vector=types.Vector(values=vectors.pack(item.vector)),
        )
        for item in put.samples
    ]
    stages = [codec.stage_record_to(record) for record in put.stages]
    return pb.PhotoUpdate(facts=codec.facts_to(put.facts), samples=samples, stages=stages)


def putting(*puts: Put) -> pb.PutPhotosRequest:
    """Return the request of several puts of one model."""
    return pb.PutPhotosRequest(
        photos=[update(put) for put in puts], fingerprint=puts[0].fingerprint
    )


def searching(number: int, **fields: object) -> pb.SearchVectorsRequest:
    """Return a search for the photos nearest to photo `number`."""
    request = pb.SearchVectorsRequest(
        query=[pb.QueryVector(vector=vector(values.unit(number)), weight=1.0)],
        fingerprint=values.FINGERPRINT,
        weights=weights(Kind.PHOTO),
    )
    request.MergeFrom(pb.SearchVectorsRequest(**fields))  # type: ignore[arg-type]
    return request


def weights(*kinds: Kind) -> Sequence[types.KindWeight]:
    """Return weight 1 for each of `kinds`."""
    return [types.KindWeight(kind=int(kind), weight=1.0) for kind in kinds]  # type: ignore[arg-type]


def vector(values_of: vectors.Floats) -> types.Vector:
    """Return the message."""
    return types.Vector(values=vectors.pack(values_of))


def photo_and_texts(number: int) -> list[VectorSample]:
    """Return the samples of a photo with two texts in it."""
    return [*values.put(number).samples, *values.texts(number, 2)]


async def failure(call: Awaitable[object]) -> errors.SemapixError:
    """Return the error that `call` ends with."""
    with pytest.raises(errors.SemapixError) as caught:
        await clients.call(call)
    return caught.value
