"""Vectors of picture files from an embedder of our own, started for a measurement."""

import contextlib
import functools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import grpc
import numpy as np

from common import clients, codec, errors, statuses, vectors
from common.calibration import Calibration, Pair
from common.samples import Box
from common.vectors import Floats
from semapix.v1 import embedder_pb2 as pb
from semapix.v1 import embedder_pb2_grpc as rpc

START_S, EMBED_S, TICK_S = 300.0, 120.0, 0.5
BATCH, TEXTS = 8, 32


@dataclass(frozen=True, slots=True)
class Regions:
    """A photo and what of it to embed; no boxes mean the whole photo."""

    path: Path
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoder:
    """The model that answers."""

    model: str
    fingerprint: str
    curve: Calibration


class Embed(Protocol):
    """Makes vectors of picture files."""

    def __call__(self, files: Sequence[Path], *, report: Callable[[int], None]) -> Floats:
        """Return a unit row per file, float32, shape (n, d). Raises InvalidInput, naming a file."""
        ...


@contextlib.contextmanager
def embedding(model: str) -> Iterator[Embed]:
    """Yield what embeds with `model`; see `embedder`."""
    with embedder(model) as channel:
        yield functools.partial(embedded, channel)


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
    wholes = [Regions(path) for path in files]
    return np.concatenate(cut(channel, wholes, report=report))


def cut(
    channel: grpc.Channel, wanted: Sequence[Regions], *, report: Callable[[int], None]
) -> list[Floats]:
    """Return unit rows per photo, a row for each of its boxes or one for the whole photo.

    Raises InvalidInput, naming a file.
    """
    stub = rpc.EmbedderServiceStub(channel)
    found: list[Floats] = []
    for at in range(0, len(wanted), BATCH):
        part = wanted[at : at + BATCH]
        request = pb.EmbedImagesRequest(images=[_message(each) for each in part])
        with clients.restored_errors():
            answer = stub.EmbedImages(request, timeout=EMBED_S)
        for each, one in zip(part, answer.embeddings, strict=True):
            if error := statuses.item_error(one.status):
                raise errors.InvalidInput("", f"{each.path.name}: {error}")
            found.append(np.stack([vectors.unpack(row.values) for row in one.vectors]))
        report(len(found))
    return found


def read(channel: grpc.Channel, texts: Sequence[str]) -> Floats:
    """Return a unit row per text, float32, shape (n, d). Raises InvalidInput, naming a text."""
    stub = rpc.EmbedderServiceStub(channel)
    found: list[Floats] = []
    for at in range(0, len(texts), TEXTS):
        part = texts[at : at + TEXTS]
        with clients.restored_errors():
            answer = stub.EmbedTexts(pb.EmbedTextsRequest(texts=part), timeout=EMBED_S)
        for text, one in zip(part, answer.embeddings, strict=True):
            if error := statuses.item_error(one.status):
                raise errors.InvalidInput("", f"{text[:80]!r}: {error}")
            found.append(vectors.unpack(one.vector.values))
    return np.stack(found)


def described(channel: grpc.Channel) -> Encoder:
    """Return what answers, and the curve of its scores for a text and a picture."""
    with clients.restored_errors():
        about = rpc.EmbedderServiceStub(channel).GetEncoderInfo(
            pb.GetEncoderInfoRequest(), timeout=EMBED_S
        )
    curves = {Pair(each.pair): Calibration(each.slope, each.offset) for each in about.calibrations}
    return Encoder(about.model, about.fingerprint, curves[Pair.TEXT_IMAGE])


def _message(wanted: Regions) -> pb.ImageRegions:
    boxes = [codec.box_to(box) for box in wanted.boxes]
    return pb.ImageRegions(image=wanted.path.read_bytes(), regions=boxes)
