"""Requests for vectors, merged into batches; pictures and texts have a queue and a thread each."""

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import torch

from common import errors, images
from common.batching import Batched, Batcher
from common.vectors import Floats
from embedder_service.encoder import Encoder, Pixels
from embedder_service.preparation import Admission, Preparation, Prepared, Wanted
from embedder_service.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spent:
    """Where a request's time went, milliseconds."""

    queue_ms: float = 0.0
    compute_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class TextVector:
    """A unit vector, shape (d,), and whether the text had more tokens than the model reads.

    `understood` is how likely the model makes sense of it, in [0, 1]; None where it cannot tell.
    """

    vector: Floats
    truncated: bool
    understood: float | None = None


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """One outcome per item of a request, in its order."""

    outcomes: list[T | errors.SemapixError]
    spent: Spent


class Embedding:
    """One model serving many requests at once. A short text never waits for a batch of pictures."""

    def __init__(self, encoder: Encoder, settings: Settings) -> None:
        self.encoder = encoder
        self.last = Spent()
        limits = images.Limits(settings.max_image_bytes, settings.max_image_pixels)
        self._preparation = Preparation(encoder, limits=limits, threads=settings.preparers)
        self._admission = Admission(settings.max_waiting)
        self._pictures: Batcher[Pixels, Floats] = Batcher(
            self._encode_pixels,
            max_batch=settings.max_batch,
            max_waiting=settings.max_waiting,
            at_start=partial(torch.set_num_threads, torch.get_num_threads()),
        )
        self._texts: Batcher[str, TextVector] = Batcher(
            self._encode_texts,
            max_batch=settings.max_batch,
            max_waiting=settings.max_waiting,
            # A text is so little work that two threads wait for one another most of the time.
            at_start=partial(torch.set_num_threads, 1),
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Embedding"]:
        """Answer until the block ends."""
        async with self._pictures.running(), self._texts.running():
            try:
                yield self
            finally:
                self._preparation.close()

    async def of_pictures(self, pictures: Sequence[Wanted]) -> Answered[list[Floats]]:
        """Return a unit vector per sample of each picture, or why the picture has none.

        Raises Overloaded when too much is under way.
        """
        load = sum(picture.load for picture in pictures)
        with self._admission.of(load, retry_after_s=self._retry_after_s):
            started = time.perf_counter()
            prepared = await self._preparation.pixels(pictures)
            prepared_ms = 1e3 * (time.perf_counter() - started)
            ready = [one for pixels in prepared if isinstance(pixels, list) for one in pixels]
            batched = await self._pictures.submit(ready) if ready else Batched([], 0.0, 0.0)
        self.last = Spent(batched.queue_ms, prepared_ms + batched.compute_ms)
        return Answered(_by_picture(prepared, batched.results), self.last)

    async def of_texts(self, wanted: Sequence[str]) -> Answered[TextVector]:
        """Return the vector of each normalised text. Raises Overloaded when the queue is full."""
        batched = await self._texts.submit(wanted) if wanted else Batched([], 0.0, 0.0)
        self.last = Spent(batched.queue_ms, batched.compute_ms)
        return Answered(list(batched.results), self.last)

    @property
    def _retry_after_s(self) -> float:
        return max(0.1, (self.last.queue_ms + self.last.compute_ms) / 1e3)

    def _encode_pixels(self, pixels: list[Pixels]) -> Sequence[Floats]:
        return list(self.encoder.encode_images(pixels))

    def _encode_texts(self, wanted: list[str]) -> Sequence[TextVector]:
        encoded = self.encoder.encode_texts(wanted)
        known = self.encoder.about.understanding
        understood = known.of(encoded.vectors).tolist() if known else [None] * len(wanted)
        rows = zip(encoded.vectors, encoded.truncated, understood, strict=True)
        return [TextVector(*row) for row in rows]


def _by_picture(
    prepared: Sequence[Prepared], vectors: Sequence[Floats]
) -> list[list[Floats] | errors.SemapixError]:
    """Hand the vectors, in the order of all samples, to the pictures that they belong to."""
    left = iter(vectors)
    return [
        pixels if isinstance(pixels, errors.SemapixError) else [next(left) for _ in pixels]
        for pixels in prepared
    ]
