"""Originals to what the services get: decoded upright in threads, under limits, as JPEG."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from common import images

WORKING_PX = 1024


@dataclass(frozen=True, slots=True)
class Prepared:
    """A small upright JPEG, and what the original was; pixels are upright."""

    jpeg: bytes
    width: int
    height: int
    format: str


class Pictures:
    """Decodes at most `at_once` pictures at the same time, each for at most `most_s` seconds."""

    def __init__(self, limits: images.Limits, *, at_once: int, most_s: float) -> None:
        self._limits, self._most_s = limits, most_s
        self._turn = asyncio.Semaphore(at_once)

    async def from_file(self, path: Path, *, long_side: int = WORKING_PX) -> Prepared:
        """Return the picture in a file. Raises BadImage, or OSError if it cannot be read."""
        return await self._prepared(path.read_bytes, long_side=long_side, field="image")

    async def from_bytes(self, encoded: bytes, *, field: str) -> Prepared:
        """Return the picture in `encoded`. Raises BadImage, naming `field`."""
        return await self._prepared(lambda: encoded, long_side=WORKING_PX, field=field)

    async def _prepared(self, read: Callable[[], bytes], *, long_side: int, field: str) -> Prepared:
        def work() -> Prepared:
            return prepared(read(), self._limits, long_side=long_side, field=field)

        async with self._turn:
            try:
                return await asyncio.wait_for(asyncio.to_thread(work), self._most_s)
            except TimeoutError:
                message = f"decoding takes more than {self._most_s:g} s"
                raise images.TooLargeImage(field, message) from None


def prepared(encoded: bytes, limits: images.Limits, *, long_side: int, field: str) -> Prepared:
    """Return the picture upright, no side above `long_side` pixels. Raises BadImage."""
    decoded = images.decode(encoded, limits=limits, field=field)
    jpeg = images.working_copy(decoded.image, long_side=long_side)
    return Prepared(jpeg, decoded.image.width, decoded.image.height, decoded.format)
