"""Looks for objects and texts in pictures, with a bounded queue before each of the two models."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from PIL import Image

from common import errors
from common.batching import Batched, Batcher
from detector_service.findings import About, Absent, Detection, Line, ObjectDetector, TextReader

Found = TypeVar("Found")
First = TypeVar("First")
Second = TypeVar("Second")
Queue = Batcher[Image.Image, list[Found]]


class Feature(Enum):
    """Something to look for."""

    OBJECTS = "objects"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Findings:
    """What one picture shows; what was not looked for is empty. Milliseconds of both models."""

    objects: list[Detection]
    lines: list[Line]
    queue_ms: float
    compute_ms: float


class Lookout:
    """The two models of a service.

    Each works in a thread of its own: objects, which are quick, never wait behind texts.
    """

    def __init__(
        self,
        objects: ObjectDetector | Absent,
        texts: TextReader | Absent,
        *,
        max_waiting: int,
    ) -> None:
        self.about: dict[Feature, About | Absent] = {
            Feature.OBJECTS: _about(objects),
            Feature.TEXTS: _about(texts),
        }
        self._objects = None if isinstance(objects, Absent) else _queue(objects.detect, max_waiting)
        self._texts = None if isinstance(texts, Absent) else _queue(texts.read, max_waiting)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look until the block ends; pictures that still wait then are refused."""
        async with contextlib.AsyncExitStack() as stack:
            for queue in (self._objects, self._texts):
                if queue:
                    await stack.enter_async_context(queue.running())
            yield

    async def warm_up(self) -> None:
        """Look at a small picture once, so that the first caller need not wait.

        One model after the other: while texts are read, torch has one thread to give, and a thread
        that meets torch then would have no more for ever.
        """
        for feature, about in self.about.items():
            if isinstance(about, About):
                await self.look(Image.new("RGB", (64, 64), "grey"), [feature])

    def chosen(self, wanted: Collection[Feature]) -> list[Feature]:
        """Return what to look for; nothing wanted means everything there is a model for.

        Raises Mismatch for a feature without a model.
        """
        for feature in wanted:
            about = self.about[feature]
            if isinstance(about, Absent):
                raise errors.Mismatch(f"{feature.value} cannot be looked for: {about.reason}")
        there = [name for name, about in self.about.items() if isinstance(about, About)]
        return [feature for feature in there if feature in wanted or not wanted]

    async def look(self, image: Image.Image, features: Collection[Feature]) -> Findings:
        """Return what an upright RGB picture shows. Raises Overloaded when too many wait."""
        objects, texts = await _both(
            _ask(self._objects if Feature.OBJECTS in features else None, image),
            _ask(self._texts if Feature.TEXTS in features else None, image),
        )
        return Findings(
            objects=objects.results[0],
            lines=texts.results[0],
            queue_ms=max(objects.queue_ms, texts.queue_ms),
            compute_ms=objects.compute_ms + texts.compute_ms,
        )


def _about(model: ObjectDetector | TextReader | Absent) -> About | Absent:
    return model if isinstance(model, Absent) else model.about


def _queue(look: Callable[[Image.Image], list[Found]], max_waiting: int) -> "Queue[Found]":
    return Batcher(
        lambda images: [look(image) for image in images], max_batch=1, max_waiting=max_waiting
    )


async def _ask(queue: "Queue[Found] | None", image: Image.Image) -> Batched[list[Found]]:
    if queue is None:
        return Batched([[]], queue_ms=0.0, compute_ms=0.0)
    return await queue.submit([image])


async def _both(
    first: Coroutine[Any, Any, First], second: Coroutine[Any, Any, Second]
) -> tuple[First, Second]:
    """Return both results. The first error, or a caller that goes away, ends the other's wait."""
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
