"""Vectors of the second set for photos that come in while it is built: best effort.

What cannot be made here at once is lacking in the set and made up for later, so that nothing of
another embedder ever fails an import.
"""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from common import errors
from gateway.encoding import Encoding
from gateway.services import Embedded, Encoder, Picture, TextVector

log = logging.getLogger(__name__)
T = TypeVar("T")
MOST_S = 20.0


@dataclass(frozen=True, slots=True)
class Second:
    """Vectors of one fingerprint by the place of what they are of; what failed is left out."""

    fingerprint: str
    vectors: Mapping[int, tuple[bytes, ...]]

    def of(self, place: int) -> "Second | None":
        """Return what there is at one place, None for nothing."""
        found = self.vectors.get(place)
        return Second(self.fingerprint, {0: found}) if found else None


class SecondVectors:
    """Makes them while there is a second set and its embedder answers."""

    def __init__(self) -> None:
        self._target: tuple[Encoding, Encoder] | None = None

    def begin(self, encoding: Encoding, encoder: Encoder) -> None:
        """Make vectors by that model from now on."""
        self._target = encoding, encoder

    def end(self) -> None:
        """Make none from now on."""
        self._target = None

    async def images(self, pictures: Sequence[Picture]) -> Second | None:
        """Return the vectors of the pictures, None where none can be had."""
        if self._target is None:
            return None
        encoding, encoder = self._target
        made = await self._within(encoding.images(pictures, encoder))
        if made is None:
            return None
        found = {at: one for at, one in enumerate(made.outcomes) if isinstance(one, tuple)}
        return Second(encoder.fingerprint, found)

    async def texts(self, texts: Sequence[str]) -> Second | None:
        """Return the vectors of the texts, None where none can be had."""
        if self._target is None:
            return None
        encoding, encoder = self._target
        short = [text[: encoder.max_text_chars] for text in texts]
        made = await self._within(encoding.texts(short, encoder))
        if made is None:
            return None
        outcomes = enumerate(made.outcomes)
        found = {at: (one.vector,) for at, one in outcomes if isinstance(one, TextVector)}
        return Second(encoder.fingerprint, found)

    async def _within(self, making: Awaitable[Embedded[T]]) -> Embedded[T] | None:
        try:
            return await asyncio.wait_for(making, MOST_S)
        except (errors.SemapixError, TimeoutError) as error:
            log.info("vectors of the second set are made later: %s", error or "too slow")
            # Until the background finds its embedder again nobody waits for it.
            self.end()
            return None
