"""Whole photos of all imports, embedded several by one call: what is ready goes together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from common import errors
from gateway.models import Encoders
from gateway.patience import Patience
from gateway.second_vectors import Second
from gateway.services import Embedded, Encoder, Picture, SecondMade


@dataclass(frozen=True, slots=True)
class WholeVector:
    """Vector of a whole photo, the encoder that made it, and those for the second set, if any."""

    vector: bytes
    encoder: Encoder
    second: Second | None = None

    def made(self, sample_id: str) -> SecondMade | None:
        """Return what the second set gets of it."""
        if self.second is None:
            return None
        return SecondMade(self.second.fingerprint, {sample_id: self.second.vectors[0][0]})


@dataclass(frozen=True, slots=True)
class _Waiting:
    jpeg: bytes
    done: "asyncio.Future[WholeVector]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class EmbeddingQueue:
    """Embeds up to `most` photos by one call, with `calls` calls under way at the same time."""

    def __init__(
        self,
        encoders: Encoders,
        patience: Patience,
        *,
        most: int,
        calls: int,
    ) -> None:
        self._encoding, self._check = encoders.encoding, encoders.check
        self._second, self._patience = encoders.second, patience
        self._most, self._calls = most, calls
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Embed what comes until the block ends."""
        workers = [asyncio.create_task(self._work()) for _ in range(self._calls)]
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def embed(self, jpeg: bytes) -> WholeVector:
        """Return the vector of a picture. Raises `SemapixError` once the patience is over."""
        waiting = _Waiting(jpeg)
        await self._queue.put(waiting)
        return await waiting.done

    async def doubt(self) -> None:
        """Ask anew which model the library and the embedder have: a vector was refused."""
        self._check.forget()
        await self._encoding.doubt()

    async def _work(self) -> None:
        while True:
            batch = self._ready(await self._queue.get())
            if batch:
                await self._embed(batch)

    def _ready(self, first: _Waiting) -> list[_Waiting]:
        """Return what waits now, without those whose import went away."""
        batch = [first]
        while len(batch) < self._most and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return [one for one in batch if not one.done.done()]

    async def _embed(self, batch: list[_Waiting]) -> None:
        pictures = [Picture(one.jpeg) for one in batch]

        async def work(encoder: Encoder) -> tuple[Encoder, Embedded[tuple[bytes, ...]]]:
            await self._check.fits(encoder)
            return encoder, await self._encoding.images(pictures, encoder)

        try:
            encoder, embedded = await self._patience.until_done(
                lambda: self._encoding.with_encoder(work)
            )
        except asyncio.CancelledError:
            _fail(batch, errors.Unavailable("the gateway is stopping"))
            raise
        except Exception as error:  # whatever it is, it belongs to the imports, not to the worker
            _fail(batch, error)
            return
        second = await self._second.images(pictures)
        for at, (one, outcome) in enumerate(zip(batch, embedded.outcomes, strict=True)):
            _settle(one, outcome, encoder, second.of(at) if second else None)


def _fail(batch: list[_Waiting], error: Exception) -> None:
    for one in batch:
        if not one.done.done():
            one.done.set_exception(error)


def _settle(
    one: _Waiting,
    outcome: tuple[bytes, ...] | errors.SemapixError,
    encoder: Encoder,
    second: Second | None,
) -> None:
    if one.done.done():
        return
    if isinstance(outcome, errors.SemapixError):
        one.done.set_exception(outcome)
    elif len(outcome) != 1:
        one.done.set_exception(errors.SemapixError(f"{len(outcome)} vectors for one photo"))
    else:
        one.done.set_result(WholeVector(outcome[0], encoder, second))
