"""Originals to what the services get: decoded upright by processes that may be killed, as JPEG."""

from collections.abc import Sequence
from pathlib import Path

from common import images
from gateway import decoding
from gateway.decoder_wire import Order, Prepared

WORKING_PX = 1024


class Pictures:
    """Decodes at most `at_once` pictures at the same time, each for at most `most_s` seconds."""

    def __init__(
        self,
        limits: images.Limits,
        *,
        at_once: int,
        most_s: float,
        memory_bytes: int,
        command: Sequence[str] = decoding.COMMAND,
    ) -> None:
        shown = map(str, (limits.max_bytes, limits.max_pixels, memory_bytes))
        self._decoders = decoding.Decoders((*command, *shown), at_once=at_once, most_s=most_s)

    async def from_file(self, path: Path, *, long_side: int = WORKING_PX) -> Prepared:
        """Return the picture in a file. Raises BadImage, or OSError if it cannot be read."""
        return await self._decoders.prepared(Order(str(path), 0, long_side, "image"), b"")

    async def from_bytes(self, encoded: bytes, *, field: str) -> Prepared:
        """Return the picture in `encoded`. Raises BadImage, naming `field`."""
        order = Order("", len(encoded), WORKING_PX, field)
        return await self._decoders.prepared(order, encoded)

    async def close(self) -> None:
        """End the processes."""
        await self._decoders.close()
