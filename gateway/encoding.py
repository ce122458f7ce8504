"""The embedder with its limits kept: what it is is asked once, and again when it was away."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from common import errors
from gateway.services import Embedded, Embedder, Encoder, Picture, Spent, TextVector

T = TypeVar("T")
R = TypeVar("R")


class Turning(Protocol):
    """Which embedder is asked, if it may become another: `turns` rises whenever it does."""

    turns: int

    async def settle(self) -> None: ...

    async def look(self) -> None: ...


class OneForAll:
    """Satisfies `Turning`: the embedder is the same for ever."""

    turns = 0

    async def settle(self) -> None:
        """Do nothing."""

    async def look(self) -> None:
        """Do nothing."""


class Encoding:
    """Vectors of one embedder, in as many calls as its limits ask for."""

    def __init__(self, embedder: Embedder, turning: Turning | None = None) -> None:
        self._embedder = embedder
        self._turning: Turning = turning or OneForAll()
        self._encoder: Encoder | None = None
        self._turns = self._turning.turns

    async def encoder(self) -> Encoder:
        """Return the model that the embedder runs. Raises Unavailable."""
        # Not locked: several may ask at once, rather than wait in turn for one that is away.
        turns = self._turning.turns
        if self._encoder and self._turns == turns:
            return self._encoder
        self._encoder, self._turns = await self._embedder.encoder(), turns
        return self._encoder

    async def with_encoder(self, work: Callable[[Encoder], Awaitable[R]]) -> R:
        """Return what `work` makes with the current encoder; once more if it was another by now."""
        asked_before, turns = self._encoder is not None, self._turning.turns
        try:
            return await work(await self.encoder())
        except errors.Mismatch:
            self._encoder = None
            await self._turning.settle()
            if not asked_before and turns == self._turning.turns:
                raise
        except (errors.Unavailable, errors.TooSlow):
            self._encoder = None
            await self._turning.look()
            if turns == self._turning.turns:
                raise
        return await work(await self.encoder())

    async def doubt(self) -> None:
        """Ask anew which model it is: the library has refused a vector."""
        self._encoder = None
        await self._turning.settle()

    async def images(
        self, pictures: Sequence[Picture], encoder: Encoder
    ) -> Embedded[tuple[bytes, ...]]:
        """Return the vectors of each picture by that encoder. Raises Mismatch if it is gone."""

        async def embed(part: Sequence[Picture]) -> Embedded[tuple[bytes, ...]]:
            return await self._embedder.images(part, fingerprint=encoder.fingerprint)

        return await _in_parts(pictures, encoder.max_images, embed)

    async def texts(self, texts: Sequence[str], encoder: Encoder) -> Embedded[TextVector]:
        """Return the vector of each text by that encoder. Raises Mismatch if it is gone."""

        async def embed(part: Sequence[str]) -> Embedded[TextVector]:
            return await self._embedder.texts(part, fingerprint=encoder.fingerprint)

        return await _in_parts(texts, encoder.max_texts, embed)


async def _in_parts(
    items: Sequence[T], most: int, embed: Callable[[Sequence[T]], Awaitable[Embedded[R]]]
) -> Embedded[R]:
    outcomes: list[R | errors.SemapixError] = []
    spent = Spent()
    for at in range(0, len(items), max(most, 1)):
        part = await embed(items[at : at + max(most, 1)])
        outcomes += part.outcomes
        spent += part.spent
    return Embedded(tuple(outcomes), spent)
