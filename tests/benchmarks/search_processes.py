"""The index and the gateway as processes of their own, before an embedder that only has a name."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import library_filled

from common import clients, server
from semapix.v1 import embedder_pb2, gateway_pb2_grpc, index_pb2_grpc
from semapix.v1 import embedder_pb2_grpc as rpc

DIMENSION = 512
START_S = 600


class NamedEncoder(rpc.EmbedderServiceServicer):
    """Says which model it is; the gateway asks no more of it when queries are vectors."""

    async def GetEncoderInfo(self, request: Any, context: Any) -> Any:
        return embedder_pb2.GetEncoderInfoResponse(
            model="benchmark",
            fingerprint=library_filled.FINGERPRINT,
            dimension=DIMENSION,
            max_images=4,
            max_image_bytes=2**25,
            max_regions=8,
            max_texts=8,
            max_text_chars=100,
        )


@dataclass(frozen=True, slots=True)
class Processes:
    """Stubs of both, how long the index took to serve, and its process."""

    gateway: Any
    index: Any
    index_start_s: float
    index_pid: int

    def index_bytes(self, field: str = "VmRSS") -> int:
        """Return what the index holds in memory, or another field of its status, in bytes."""
        lines = Path(f"/proc/{self.index_pid}/status").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith(f"{field}:"))
        return int(line.split()[1]) * 1024


@contextlib.contextmanager
def running(library: Path) -> Iterator[Processes]:
    """Run both over the library until the block ends."""
    with contextlib.ExitStack() as stack:
        embedder = stack.enter_context(_embedder())
        index, gateway = _free_address(), _free_address()
        started = time.monotonic()
        own = {"SEMAPIX_INDEX_ADDRESS": index, "SEMAPIX_INDEX_FOLDER": str(library / "index")}
        pid = stack.enter_context(_process("index_service", own))
        index_channel = stack.enter_context(_ready(index))
        index_start_s = time.monotonic() - started
        names = {"ADDRESS": gateway, "FOLDER": str(library), "INDEX": index, "EMBEDDER": embedder}
        own = {f"SEMAPIX_GATEWAY_{name}": value for name, value in names.items()}
        stack.enter_context(_process("gateway", own))
        gateway_channel = stack.enter_context(_ready(gateway))
        yield Processes(
            gateway_pb2_grpc.GatewayServiceStub(gateway_channel),
            index_pb2_grpc.IndexServiceStub(index_channel),
            index_start_s,
            pid,
        )


@contextlib.contextmanager
def _embedder() -> Iterator[str]:
    """Serve the encoder in a thread; yield its address."""
    port: Future[int] = Future()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        def register(target: Any) -> None:
            rpc.add_EmbedderServiceServicer_to_server(NamedEncoder(), target)

        async with server.running(register, names=[], address="127.0.0.1:0", drain_s=0) as serving:
            await serving.set_ready()
            port.set_result(serving.port)
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    yield f"127.0.0.1:{port.result(60)}"
    loop.call_soon_threadsafe(over.set)
    thread.join()


@contextlib.contextmanager
def _process(module: str, own: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", module], env={**os.environ, **own})
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def _ready(address: str) -> Iterator[Any]:
    """Yield a channel once somebody listens, which a service does when it is ready."""
    host, port = address.split(":")
    give_up_at = time.monotonic() + START_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
            break
        assert time.monotonic() < give_up_at, f"nobody listens at {address}"
        time.sleep(0.1)
    with clients.blocking_channel(address) as channel:
        yield channel


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return f"127.0.0.1:{bound.getsockname()[1]}"
