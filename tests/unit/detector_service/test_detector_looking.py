"""Both models are warm before the first caller, and neither takes threads from the other."""

import asyncio
import threading

import pytest
import torch
from PIL import Image

from detector_service import ocr
from detector_service.findings import About, Absent, Detection, Line
from detector_service.looking import Feature, Lookout


class Counting:
    """Finds nothing; remembers how many threads torch gives it."""

    about = About("counting", "ab" * 32, "cpu")

    def __init__(self) -> None:
        self.threads: list[int] = []

    def detect(self, image: Image.Image) -> list[Detection]:
        self.threads.append(torch.get_num_threads())
        return []


class Reading:
    """Reads nothing, on one thread, until it may go on."""

    about = About("reading", "cd" * 32, "cpu")

    def __init__(self) -> None:
        self.gate, self.reading, self.pictures = threading.Event(), threading.Event(), 0
        self.gate.set()

    def read(self, image: Image.Image) -> list[Line]:
        self.pictures += 1
        with ocr.one_thread():
            self.reading.set()
            self.gate.wait(20)
        return []


@pytest.fixture
def two_threads() -> None:
    torch.set_num_threads(2)


@pytest.mark.usefixtures("two_threads")
async def test_objects_keep_their_threads_while_texts_are_read() -> None:
    objects, texts = Counting(), Reading()
    lookout, picture = Lookout(objects, texts, max_waiting=1), Image.new("RGB", (8, 8))
    async with lookout.running():
        await lookout.warm_up()
        texts.gate.clear()
        texts.reading.clear()
        slow = asyncio.create_task(lookout.look(picture, [Feature.TEXTS]))
        await asyncio.to_thread(texts.reading.wait, 20)
        await lookout.look(picture, [Feature.OBJECTS])
        texts.gate.set()
        await slow
    assert objects.threads == [2, 2]


async def test_only_models_that_are_there_are_warmed_up() -> None:
    texts = Reading()
    lookout = Lookout(Absent("none at hand"), texts, max_waiting=1)
    async with lookout.running():
        await lookout.warm_up()
    assert texts.pictures == 1
