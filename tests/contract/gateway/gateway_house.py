"""A gateway with fakes behind it, all on real servers, and short words to talk to it."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import grpc
import numpy as np
from PIL import Image

from common import clients, server
from gateway import wiring
from gateway.settings import Settings
from semapix.v1 import analysis_pb2_grpc as analysis_rpc
from semapix.v1 import detector_pb2_grpc as detector_rpc
from semapix.v1 import embedder_pb2_grpc as embedder_rpc
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import gateway_pb2_grpc as rpc
from semapix.v1 import import_records_pb2_grpc as records_rpc
from semapix.v1 import imports_pb2_grpc as imports_rpc
from semapix.v1 import index_keeping_pb2_grpc as keeping_rpc
from semapix.v1 import index_pb2_grpc as index_rpc
from semapix.v1 import search_pb2
from tests.contract.gateway.gateway_fake_imports import FakeImports
from tests.contract.gateway.gateway_fake_index import FakeIndex, FakeKeeping
from tests.contract.gateway.gateway_fakes import (
    COLOURS,
    FakeAnalysis,
    FakeDetector,
    FakeEmbedder,
)


class Served:
    """One service that can be stopped, and started again at the same port."""

    def __init__(self, register: Any) -> None:
        self._register, self._port = register, 0
        self._stack = contextlib.AsyncExitStack()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        running = server.running(self._register, names=[], address=self.address, drain_s=0)
        serving = await self._stack.enter_async_context(running)
        await serving.set_ready()
        self._port = serving.port

    async def stop(self) -> None:
        await self._stack.aclose()


class House:
    """The fakes and a client of the gateway before them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.embedder, self.detector, self.index = FakeEmbedder(), FakeDetector(), FakeIndex()
        self.records = FakeImports(self.index)
        self.fake_analysis = FakeAnalysis()
        self.served = {
            "embedder": Served(self._with(embedder_rpc.add_EmbedderServiceServicer_to_server)),
            "detector": Served(self._with(detector_rpc.add_DetectorServiceServicer_to_server)),
            "index": Served(self._register_index),
            "analysis": Served(self._with(analysis_rpc.add_AnalysisServiceServicer_to_server)),
        }
        self.stub = cast("rpc.GatewayServiceAsyncStub", None)
        self.analysis = cast("analysis_rpc.AnalysisServiceAsyncStub", None)
        self.imports = cast("imports_rpc.ImportServiceAsyncStub", None)
        self.address = ""
        self.channel: grpc.aio.Channel | None = None

    def _register_index(self, target: Any) -> None:
        index_rpc.add_IndexServiceServicer_to_server(self.index, target)
        keeping_rpc.add_IndexKeepingServiceServicer_to_server(FakeKeeping(self.index), target)
        records_rpc.add_ImportRecordsServiceServicer_to_server(self.records, target)

    def _with(self, add: Any) -> Any:
        name = add.__name__.removeprefix("add_").removesuffix("ServiceServicer_to_server").lower()
        fake = self.fake_analysis if name == "analysis" else getattr(self, name)
        return lambda target: add(fake, target)

    @contextlib.asynccontextmanager
    async def gateway(self, **changes: Any) -> AsyncIterator["House"]:
        """Run a gateway over the folder for the block."""
        addresses = {name: served.address for name, served in self.served.items()}
        settings = Settings(folder=self.folder, **(addresses | {"patience_s": 10.0} | changes))
        async with (
            wiring.wired(settings) as register,
            server.running(
                register, names=wiring.NAMES, address="127.0.0.1:0", drain_s=0
            ) as serving,
            clients.channel(f"127.0.0.1:{serving.port}") as channel,
        ):
            await serving.set_ready()
            self.address, self.channel = f"127.0.0.1:{serving.port}", channel
            self.stub = cast("rpc.GatewayServiceAsyncStub", rpc.GatewayServiceStub(channel))
            imports = imports_rpc.ImportServiceStub(channel)
            self.imports = cast("imports_rpc.ImportServiceAsyncStub", imports)
            stub = analysis_rpc.AnalysisServiceStub(channel)
            self.analysis = cast("analysis_rpc.AnalysisServiceAsyncStub", stub)
            yield self

    async def imported(self, *photos: bytes) -> list[pb.ImportPhotosResponse]:
        """Import photos; return their outcomes in the order of the photos."""
        return await self.sent(
            one for item, photo in enumerate(photos) for one in pieces(item, photo)
        )

    async def sent(self, requests: Iterable[pb.ImportPhotosRequest]) -> list[Any]:
        """Send these pieces; return the outcomes in the order of items."""
        outcomes = [
            response
            async for response in clients.stream(self.stub.ImportPhotos(iter(requests), timeout=40))
        ]
        return sorted(outcomes, key=lambda outcome: outcome.item)

    async def search(
        self, *terms: search_pb2.QueryTerm, **fields: Any
    ) -> search_pb2.SearchResponse:
        return await self.asked(search_pb2.SearchRequest(terms=terms, **fields))

    async def asked(self, request: search_pb2.SearchRequest) -> search_pb2.SearchResponse:
        return await clients.call(self.stub.Search(request, timeout=20))

    async def status(self) -> pb.GetStatusResponse:
        return await clients.call(self.stub.GetStatus(pb.GetStatusRequest(), timeout=5))

    async def idle(self) -> pb.GetStatusResponse:
        """Return the status once no stage is pending."""
        for _ in range(400):
            if not (status := await self.status()).pending:
                return status
            await asyncio.sleep(0.05)
        raise AssertionError(f"still pending: {status.pending}")

    def originals(self) -> set[str]:
        """Return the ids of the photos that have an original on disk."""
        return {path.name for path in (self.folder / "originals").glob("*/*/*")}

    def uploads(self) -> list[Path]:
        return list((self.folder / "spool").rglob("*.part"))


async def until(condition: Callable[[], Any], *, most_s: float = 10) -> None:
    """Return once `condition` holds."""
    for _ in range(round(most_s / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it does not come true")


@contextlib.asynccontextmanager
async def house(folder: Path, **changes: Any) -> AsyncIterator[House]:
    """Run fakes and a gateway over `folder`."""
    made = House(folder)
    for served in made.served.values():
        await served.start()
    try:
        async with made.gateway(**changes):
            yield made
    finally:
        for served in made.served.values():
            await served.stop()


def photo(colour: str, *, seed: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a JPEG of one colour, with a little noise that makes each seed another photo."""
    noise = np.random.default_rng(seed).integers(-6, 7, (size[1], size[0], 3))
    pixels = np.clip(np.asarray(COLOURS[colour]) + noise, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()


def pieces(item: int, encoded: bytes, *, size: int = 1000) -> Iterator[pb.ImportPhotosRequest]:
    """Yield a photo in pieces."""
    for at in range(0, max(len(encoded), 1), size):
        yield pb.ImportPhotosRequest(
            item=item,
            source=f"photo-{item}.jpg" if at == 0 else "",
            chunk=encoded[at : at + size],
            last=at + size >= len(encoded),
        )
