"""The shared server on a real socket: health, reflection, errors as rich statuses, draining."""

import asyncio
import errno
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from common import clients, errors, server
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc

NAME = "semapix.v1.IndexService"
ERRORS = [
    errors.InvalidInput("photo_ids[1]", "is no id"),
    errors.NotFound("no photo abc"),
    errors.Mismatch("another model"),
    errors.Overloaded("full", retry_after_s=2.5),
    errors.Unavailable("loading"),
    errors.TooSlow("late"),
    errors.DataLoss("catalogue is damaged"),
]


class Failing(rpc.IndexServiceServicer):
    """Raises one prepared error from a unary and from a streaming call."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def DeletePhotos(self, request: object, context: object) -> pb.DeletePhotosResponse:
        raise self._error

    async def StreamVectors(
        self, request: object, context: object
    ) -> AsyncIterator[pb.StreamVectorsResponse]:
        yield pb.StreamVectorsResponse(revision=1)
        raise self._error

    async def GetStats(self, request: object, context: object) -> pb.GetStatsResponse:
        await asyncio.sleep(0.3)
        return pb.GetStatsResponse(photos=3)


def serving(error: Exception) -> "server.contextlib.AbstractAsyncContextManager[server.Serving]":
    def register(target: grpc.aio.Server) -> None:
        rpc.add_IndexServiceServicer_to_server(Failing(error), target)

    return server.running(register, names=[NAME], address="127.0.0.1:0")


async def failure(error: Exception, *, streaming: bool = False) -> errors.SemapixError:
    """Return what a client sees of `error`."""
    async with serving(error) as running, clients.channel(f"127.0.0.1:{running.port}") as channel:
        await running.set_ready()
        stub = rpc.IndexServiceStub(channel)
        asked = _all_streamed(stub) if streaming else _deleted(stub)
        with pytest.raises(errors.SemapixError) as caught:
            await asked
    return caught.value


async def _all_streamed(stub: rpc.IndexServiceStub) -> None:
    call = stub.StreamVectors(pb.StreamVectorsRequest(), timeout=10)
    async for response in clients.stream(call):
        assert response.revision == 1


async def _deleted(stub: rpc.IndexServiceStub) -> None:
    await clients.call(stub.DeletePhotos(pb.DeletePhotosRequest(), timeout=10))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("streaming", [False, True])
async def test_error_arrives_as_it_was_raised(error: errors.SemapixError, streaming: bool) -> None:
    seen = await failure(error, streaming=streaming)
    assert (type(seen), str(seen)) == (type(error), str(error))
    assert getattr(seen, "field", None) == getattr(error, "field", None)
    assert getattr(seen, "retry_after_s", None) == getattr(error, "retry_after_s", None)


async def test_unforeseen_error_keeps_its_secrets() -> None:
    seen = await failure(RuntimeError("secret /root/key"))
    assert str(seen).startswith("internal error, request ")


async def test_full_disk_is_told_as_such_wherever_it_is_noticed() -> None:
    seen = await failure(OSError(errno.ENOSPC, "No space left on device", "/secret"))
    assert isinstance(seen, errors.Overloaded)
    assert str(seen) == "a disk of the server is full: make room on it and try again"


async def test_health_turns_to_serving_when_ready() -> None:
    async with serving(ERRORS[0]) as running:
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{running.port}")
        health = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=NAME)
        before = (await health.Check(request)).status
        await running.set_ready()
        after = (await health.Check(request)).status
        await channel.close()
    states = health_pb2.HealthCheckResponse
    assert (before, after) == (states.NOT_SERVING, states.SERVING)


async def test_reflection_lists_services() -> None:
    async with serving(ERRORS[0]) as running:
        listing = await asyncio.to_thread(_reflected, running.port)
    assert {NAME, "grpc.health.v1.Health"} <= listing


async def test_calls_under_way_are_finished_when_the_server_stops() -> None:
    async with serving(ERRORS[0]) as running:
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{running.port}")
        call = rpc.IndexServiceStub(channel).GetStats(pb.GetStatsRequest())
        await asyncio.sleep(0.1)
    assert (await call).photos == 3
    await channel.close()


async def test_taken_address_is_an_error_that_says_so() -> None:
    async with serving(ERRORS[0]) as running:
        address = f"127.0.0.1:{running.port}"
        with pytest.raises(OSError, match=address):
            async with server.running(lambda _: None, names=[NAME], address=address):
                pass


async def test_process_drains_on_sigterm(tmp_path: Path) -> None:
    script = tmp_path / "serve.py"
    script.write_text(
        "import asyncio, logging\nfrom common import server\n"
        "logging.basicConfig(level='INFO')\n"
        f"asyncio.run(server.serve(lambda s: None, names=['{NAME}'], address='127.0.0.1:0'))\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    assert b"on port" in await process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert b"drains" in await process.stderr.read()
    assert await process.wait() == 0


def _reflected(port: int) -> set[str]:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return set(ProtoReflectionDescriptorDatabase(channel).get_services())
