"""Pictures decoded in processes of their own: one that hangs or crashes them costs itself only."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence

from common import errors, images
from gateway.decoder_wire import READY, Order, Prepared, reply_from

COMMAND = (sys.executable, "-m", "gateway.decoder")
MAX_LINE_BYTES = 2**20
# Each decoder has its own core; what numpy would start for itself only costs memory.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class DecoderDied(Exception):
    """The process ended before it replied; the message says how."""


class Decoder:
    """One process that decodes pictures, one after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def started(cls, command: Sequence[str]) -> "Decoder":
        """Return one that is ready. Raises Unavailable."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | ONE_THREAD,
            limit=MAX_LINE_BYTES,
        )
        decoder = cls(process)
        if process.stdout is None or await process.stdout.readline() != READY:
            ending = await decoder.kill()
            raise errors.Unavailable(f"no picture can be decoded: no decoder starts ({ending})")
        return decoder

    async def prepared(self, order: Order, encoded: bytes) -> Prepared:
        """Return what was prepared. Raises BadImage, OSError for the file, or DecoderDied."""
        orders, replies = self._process.stdin, self._process.stdout
        if orders is None or replies is None:
            raise DecoderDied("it has no pipes")
        try:
            orders.write(order.line())
            orders.write(encoded)
            await orders.drain()
            line = await replies.readuntil()
            reply = reply_from(line)
            jpeg = await replies.readexactly(reply.size)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise DecoderDied(await self._ending()) from error
        return reply.result(order, jpeg)

    async def _ending(self) -> str:
        code = await self._process.wait()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    async def kill(self) -> str:
        """End it at once, whatever it does; return how it ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await self._ending()


class Decoders:
    """At most `at_once` decoders, each started when it is needed and replaced when it fails."""

    def __init__(self, command: Sequence[str], *, at_once: int, most_s: float) -> None:
        self._command, self._most_s = command, most_s
        self._turn = asyncio.Semaphore(at_once)
        self._idle: list[Decoder] = []

    async def prepared(self, order: Order, encoded: bytes) -> Prepared:
        """Return what was prepared. Raises BadImage, or OSError for a file that cannot be read.

        A decoder that dies may have been killed for no fault of the picture, which gets a second.
        """
        try:
            return await self._once(order, encoded)
        except DecoderDied:
            pass
        try:
            return await self._once(order, encoded)
        except DecoderDied as error:
            message = f"the picture ends what decodes it ({error})"
            raise images.UndecodableImage(order.field, message) from error

    async def _once(self, order: Order, encoded: bytes) -> Prepared:
        async with self._decoder() as decoder:
            try:
                return await asyncio.wait_for(decoder.prepared(order, encoded), self._most_s)
            except TimeoutError:
                message = f"decoding takes more than {self._most_s:g} s"
                raise images.UndecodableImage(order.field, message) from None

    @contextlib.asynccontextmanager
    async def _decoder(self) -> AsyncIterator[Decoder]:
        """Lend a decoder; whatever happens but a reply, it is killed."""
        async with self._turn:
            decoder = self._idle.pop() if self._idle else await Decoder.started(self._command)
            replied = False
            try:
                yield decoder
                replied = True
            except (images.NotAnImage, images.DamagedImage, images.TooLargeImage, OSError):
                replied = True
                raise
            finally:
                if replied:
                    self._idle.append(decoder)
                else:
                    await decoder.kill()

    async def close(self) -> None:
        """End all of them."""
        while self._idle:
            await self._idle.pop().kill()
