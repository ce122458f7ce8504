"""A small deterministic encoder, served by the real server on a free port."""

import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager

import grpc
import numpy as np
import pytest
from PIL import Image

from common import clients, images, server, vectors
from common.calibration import Calibration, Pair
from embedder_service import servicer
from embedder_service.embedding import Embedding
from embedder_service.encoder import About, EncodedTexts, Pixels
from embedder_service.settings import Settings
from embedder_service.understanding import Understanding
from semapix.v1 import embedder_pb2_grpc as rpc

FINGERPRINT = "f" * 64


class ColourEncoder:
    """Pictures by mean colour, texts by letters; remembers its batches and can be held."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.probe: Understanding | None = None
        self.gate = threading.Event()
        self.gate.set()

    @property
    def about(self) -> About:
        constants = dict.fromkeys(Pair, Calibration(10.0, -5.0))
        return About("colours", FINGERPRINT, 3, "cpu", "float32", 4, constants, self.probe)

    def prepare(self, image: Image.Image) -> Pixels:
        return np.asarray(image.resize((4, 4)), dtype=np.uint8)

    def encode_images(self, pixels: Sequence[Pixels]) -> vectors.Floats:
        self.gate.wait(20)
        self.batches.append(len(pixels))
        return vectors.normalised(np.stack(pixels).mean((1, 2)).astype(np.float32) + 1)

    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        counts = [[text.count(letter) + 1 for letter in "rgb"] for text in texts]
        cut = tuple(len(text.split()) > self.about.max_tokens for text in texts)
        return EncodedTexts(vectors.normalised(np.array(counts, dtype=np.float32)), cut)


class Served(rpc.EmbedderServiceStub):
    """A stub that knows its server's address."""

    def __init__(self, channel: grpc.aio.Channel, address: str) -> None:
        super().__init__(channel)
        self.address = address


@contextlib.asynccontextmanager
async def serving(
    encoder: ColourEncoder, settings: Settings | None = None
) -> AsyncIterator[Served]:
    """Serve `encoder` until the block ends; gives a stub that talks to it."""
    settings = settings or Settings()
    async with (
        Embedding(encoder, settings).running() as embedding,
        server.running(
            servicer.registered(embedding, settings),
            names=[servicer.NAME],
            address="127.0.0.1:0",
            drain_s=0.1,
        ) as running,
    ):
        await running.set_ready()
        async with clients.channel(f"127.0.0.1:{running.port}") as channel:
            yield Served(channel, f"127.0.0.1:{running.port}")


Serve = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture
def encoder() -> ColourEncoder:
    return ColourEncoder()


@pytest.fixture
def serve() -> Serve:
    return serving


@pytest.fixture
def picture() -> bytes:
    """A JPEG, left half red, right half blue."""
    return two_colours()


def two_colours(left: str = "red", right: str = "blue", size: tuple[int, int] = (40, 20)) -> bytes:
    """Return a JPEG whose halves have one colour each."""
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return images.encode_jpeg(image, quality=95)
