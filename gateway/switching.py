"""Which embedder is asked: the one of the settings, or the one that the library was embedded with.

After all samples were embedded anew the library's vectors are those of an embedder that the
settings do not name. The index keeps its address, so that it is found again after any crash.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from common import errors
from common.vector_sets import VectorSet
from gateway.services import Embedded, Embedder, Encoder, Picture, TextVector
from gateway.vector_sets import SetBook

log = logging.getLogger(__name__)
# An embedder that is away is away for everybody; one look for another is enough.
LOOK_EVERY_S = 2.0


class Line(Embedder, Protocol):
    """The connection to an embedder."""

    @property
    def address(self) -> str: ...

    async def ailing(self, *, most_s: float) -> str: ...

    async def close(self) -> None: ...


class EmbedderSwitch:
    """Satisfies `services.Embedder` and `reporting.Health` by the embedder that is asked now.

    `turns` rises whenever that becomes another one; `turning` is held meanwhile.
    """

    name = "embedder"

    def __init__(self, own: Line, book: SetBook, connect: Callable[[str], Line]) -> None:
        self._own = self._current = own
        self._book, self._connect = book, connect
        self._lines = {own.address: own}
        self.turns = 0
        self.turning = asyncio.Lock()
        self._looked_at = -LOOK_EVERY_S

    async def encoder(self) -> Encoder:
        """Return the model that is asked now."""
        return await self._current.encoder()

    async def images(
        self, pictures: Sequence[Picture], *, fingerprint: str = ""
    ) -> Embedded[tuple[bytes, ...]]:
        """Return the vectors of each picture."""
        return await self._current.images(pictures, fingerprint=fingerprint)

    async def texts(self, texts: Sequence[str], *, fingerprint: str = "") -> Embedded[TextVector]:
        """Return the vector of each text."""
        return await self._current.texts(texts, fingerprint=fingerprint)

    async def ailing(self, *, most_s: float) -> str:
        """Return why the embedder is not serving, "" when it is."""
        return await self._current.ailing(most_s=most_s)

    def line(self, address: str) -> Line:
        """Return the connection to an embedder, made when it is first asked for."""
        if address not in self._lines:
            self._lines[address] = self._connect(address)
        return self._lines[address]

    def use(self, line: Line) -> None:
        """Ask that embedder from now on; what is on its way ends with the one before."""
        if line is not self._current:
            log.info("the embedder at %s is asked from now on", line.address)
            self._current, self.turns = line, self.turns + 1

    async def settle(self) -> None:
        """Ask the embedder that runs the library's model, if one of those known does.

        While nobody knows what the library's model is, the one before is asked.
        """
        async with self.turning:
            try:
                serving = (await self._book.sets()).serving
            except errors.SemapixError as error:
                log.info("the embedder stays: %s", error)
                return
            await self._settle(serving)

    async def look(self) -> None:
        """Do as `settle`, but not when that was done a moment ago."""
        if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            await self.settle()

    async def own_runs(self, fingerprint: str) -> bool:
        """Return whether the embedder of the settings runs that model now."""
        return await _runs(self._own, fingerprint)

    async def close(self) -> None:
        """End the connections that are not the settings'."""
        for line in self._lines.values():
            if line is not self._own:
                await line.close()

    async def _settle(self, serving: VectorSet) -> None:
        if not serving.embedder:
            self.use(self._own)
            return
        for line in (self._own, self.line(serving.embedder)):
            if await _runs(line, serving.fingerprint):
                self.use(line)
                return


async def _runs(line: Line, fingerprint: str) -> bool:
    try:
        return (await line.encoder()).fingerprint == fingerprint
    except errors.SemapixError as error:
        log.info("%s", error)
        return False
