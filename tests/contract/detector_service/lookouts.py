"""Small models behind a real detector service, and how to ask it."""

import contextlib
import io
import threading
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from common import clients, errors, images, server
from common.samples import Box, Kind
from detector_service.findings import About, Absent, Detection, Line
from detector_service.looking import Lookout
from detector_service.servicer import NAME, DetectorServicer
from semapix.v1 import detector_pb2 as pb
from semapix.v1 import detector_pb2_grpc as rpc

LIMITS = images.Limits(max_bytes=200_000, max_pixels=250_000)
NO_DETECTOR = Absent("no object detector is at hand: put one there")
LEFT = Box(0.0, 0.0, 0.5, 1.0)
TOP = Box(0.0, 0.0, 1.0, 0.25)


class Halves:
    """Sees a dog wherever the left half is red; waits at its gate before it looks."""

    about = About("halves", "ab" * 32, "cpu")

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.looking = threading.Semaphore(0)

    def detect(self, image: Image.Image) -> list[Detection]:
        self.looking.release()
        self.gate.wait(20)
        red, green, _ = image.getpixel((1, image.height // 2))  # type: ignore[misc]
        seen = red > 200 and green < 60
        return [Detection(Kind.ANIMAL, "dog", LEFT, 0.75)] if seen else []


class Captions:
    """Reads the size of the picture as its only text."""

    about = About("captions", "cd" * 32, "cuda:0")

    def read(self, image: Image.Image) -> list[Line]:
        return [Line(f"{image.width} by {image.height}", TOP, 0.5, 3)]


def encoded(size: tuple[int, int] = (80, 60), *, form: str = "PNG", orientation: int = 1) -> bytes:
    """Return a picture whose left half is red and whose right half is green."""
    image = Image.new("RGB", size, "green")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


@contextlib.asynccontextmanager
async def detector(
    objects: Halves | Absent, texts: Captions | Absent, *, max_waiting: int = 8
) -> AsyncIterator[rpc.DetectorServiceStub]:
    """Serve these models and give a stub for them."""
    lookout = Lookout(objects, texts, max_waiting=max_waiting)
    servicer = DetectorServicer(lookout, limits=LIMITS, max_waiting=max_waiting)
    async with (
        lookout.running(),
        servicer.running(),
        server.running(servicer.register, names=[NAME], address="127.0.0.1:0") as running,
        clients.channel(f"127.0.0.1:{running.port}") as channel,
    ):
        await running.set_ready()
        yield rpc.DetectorServiceStub(channel)


async def analyze(
    stub: rpc.DetectorServiceStub, image: bytes, *features: int
) -> pb.AnalyzeResponse:
    """Return the answer. Raises the error that the service meant."""
    request = pb.AnalyzeRequest(image=image, features=features)  # type: ignore[arg-type]
    return await clients.call(stub.Analyze(request, timeout=20))


async def refusal(image: bytes, *features: int) -> errors.SemapixError:
    """Return what a service with both models answers to a bad request."""
    async with detector(Halves(), Captions()) as stub:
        with pytest.raises(errors.SemapixError) as caught:
            await analyze(stub, image, *features)
    return caught.value
