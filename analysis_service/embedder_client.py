"""Vectors of picture files from an embedder of our own, started for a measurement."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import grpc
import numpy as np

from common import clients, errors, statuses, vectors
from common.vectors import Floats
from semapix.v1 import embedder_pb2 as pb
from semapix.v1 import embedder_pb2_grpc as rpc

START_S, EMBED_S, TICK_S = 300.0, 120.0, 0.5
BATCH = 8


@contextlib.contextmanager
def embedder(model: str) -> Iterator[grpc.Channel]:
    """Yield the connection to an embedder in a process that ends with the block.

    `model` "" is the one of the settings. Raises Unavailable if it does not come up.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    own = {"SEMAPIX_EMBEDDER_ADDRESS": address}
    if model:
        own["SEMAPIX_EMBEDDER_MODEL"] = model
    process = subprocess.Popen([sys.executable, "-m", "embedder_service"], env=os.environ | own)
    try:
        with clients.blocking_channel(address) as channel:
            _wait(channel, process)
            yield channel
    finally:
        process.terminate()
        process.wait()


def _wait(channel: grpc.Channel, process: "subprocess.Popen[bytes]") -> None:
    ready = grpc.channel_ready_future(channel)
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(grpc.FutureTimeoutError):
            ready.result(timeout=TICK_S)
            return
    raise errors.Unavailable("the embedder did not come up: its log above says why")


def embedded(
    channel: grpc.Channel, files: Sequence[Path], *, report: Callable[[int], None]
) -> Floats:
    """Return a unit row per file, float32, shape (n, d). Raises InvalidInput, naming a file."""
    stub = rpc.EmbedderServiceStub(channel)
    found: list[Floats] = []
    for at in range(0, len(files), BATCH):
        part = files[at : at + BATCH]
        images = [pb.ImageRegions(image=path.read_bytes()) for path in part]
        with clients.restored_errors():
            answer = stub.EmbedImages(pb.EmbedImagesRequest(images=images), timeout=EMBED_S)
        for path, one in zip(part, answer.embeddings, strict=True):
            if error := statuses.item_error(one.status):
                raise errors.InvalidInput("", f"{path.name}: {error}")
            found.append(vectors.unpack(one.vectors[0].values))
        report(len(found))
    return np.stack(found)
