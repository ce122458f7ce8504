"""The library embedded anew by another model, while it is in use.

No state but the index's: what is to do is what the second set lacks, so a restart of whomever goes
on by itself and comes to the same end.
"""

import asyncio
import contextlib
import logging
from typing import Protocol

from common import errors
from common.vector_sets import Sets, VectorSet
from gateway import anew
from gateway.encoding import Encoding
from gateway.files import Files
from gateway.lacking import Pages, Turn
from gateway.reembedding_state import Progress, Started, State, notices, sentence
from gateway.second_vectors import SecondVectors
from gateway.services import Encoder
from gateway.speed import Speed
from gateway.switching import EmbedderSwitch, Line
from gateway.vector_sets import SecondSet, SetBook

log = logging.getLogger(__name__)
WINDOW_S = 60.0
LONGEST_WAIT_S = 15.0
RECHECK_S = 20.0


class Book(SetBook, SecondSet, Protocol):
    """The vector sets of the index."""


class Reembedding:
    """Fills the second set, has it serve, and has the gateway ask its embedder from then on."""

    def __init__(
        self,
        book: Book,
        switch: EmbedderSwitch,
        second: SecondVectors,
        *,
        files: Files,
        turn: Turn,
    ) -> None:
        self._book, self._switch, self._second = book, switch, second
        self._files, self._turn = files, turn
        self._awake = asyncio.Event()
        self._speed = Speed(WINDOW_S)
        self._state, self._message = State.NONE, ""
        self._sets: Sets | None = None

    async def start(self, address: str) -> tuple[Started, Encoder, Progress]:
        """Begin with the model of an embedder, or go on with it.

        Raises Mismatch beside another model or without room, Unavailable without the embedder.
        """
        line = self._switch.line(address)
        encoder = await line.encoder()
        sets = await self._book.sets()
        wanted = VectorSet(encoder.fingerprint, encoder.dimension, encoder.model, address)
        if encoder.fingerprint == sets.serving.fingerprint:
            return await self._served(wanted), encoder, await self.progress()
        if sets.second != wanted:
            await self._book.begin(wanted)
            log.info("embedding anew with %s at %s", encoder.model, address)
        self._awake.set()
        return Started.BEGUN, encoder, await self.progress()

    async def _served(self, wanted: VectorSet) -> Started:
        """Ask an embedder of the model that the library has, the settings' own if it is one."""
        await self._switch.settle()
        if await self._switch.own_runs(wanted.fingerprint):
            return Started.UNNEEDED
        await self._book.begin(wanted)
        await self._switch.settle()
        return Started.ADOPTED

    async def progress(self) -> Progress:
        """Return how it stands now. Raises Unavailable without the index."""
        sets = self._sets = await self._book.sets()
        if sets.second is None:
            return Progress(State.NONE, sets)
        state = State.RUNNING if self._state is State.NONE else self._state
        per_s = self._speed.per_s
        left = max(sets.samples - sets.done, 0)
        return Progress(state, sets, per_s, left / per_s if per_s else None, self._message)

    async def cancel(self) -> bool:
        """Drop what was embedded anew; return whether something was under way."""
        second = (await self._book.sets()).second
        if second:
            await self._book.drop(second.fingerprint)
            log.info("no longer embedding anew with %s", second.model)
        self._second.end()
        self._awake.set()
        return second is not None

    async def run(self) -> None:
        """Work until cancelled; services that are away are waited for."""
        wait_s = self._turn.pace.wait_s
        while True:
            self._awake.clear()
            try:
                rest_s = await self.round()
            except Exception as error:  # it outlives whatever befalls one round
                self._wait(error)
                rest_s, wait_s = wait_s, min(2 * wait_s, LONGEST_WAIT_S)
            else:
                wait_s = self._turn.pace.wait_s
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), rest_s)

    def _wait(self, error: Exception) -> None:
        self._second.end()
        self._state, self._message = State.WAITING, "internal error, see the log of the gateway"
        if isinstance(error, errors.SemapixError):
            self._message = str(error)
            log.info("embedding anew waits: %s", error)
        else:
            log.error("a round of embedding anew failed", exc_info=error)

    async def round(self) -> float | None:
        """Embed what is lacking, then swap; return for how many seconds nothing is to do, if known.

        Raises what a service that is away raises, and Mismatch if things are not as they were.
        """
        sets = self._sets = await self._book.sets()
        if sets.second is None:
            self._state, self._message = State.NONE, ""
            self._second.end()
            await self._tidy()
            return None
        line = self._switch.line(sets.second.embedder)
        encoder = await _checked(line, sets.second)
        encoding = Encoding(line)
        self._second.begin(encoding, encoder)
        self._state, self._message = State.RUNNING, ""
        failed = await self._passed(encoding, encoder)
        if failed:
            self._state, self._message = State.HELD, sentence(failed)
            return RECHECK_S
        await self._swap(line, encoder.fingerprint)
        return 0.0

    async def _tidy(self) -> None:
        """Ask the right embedder, for a swap may have gone unheard; delete what is left over."""
        await self._switch.settle()
        while await self._book.sweep():
            await self._turn.come()

    async def _passed(self, encoding: Encoding, encoder: Encoder) -> dict[str, str]:
        """Embed all that is lacking once; return why some photos could not be, by photo id."""
        failed: dict[str, str] = {}
        pages = Pages(self._book, encoder.fingerprint, size=self._turn.pace.most)

        async def work() -> None:
            while photos := await pages.next():
                await self._turn.come()
                made = await anew.embedded(photos, self._files, encoding, encoder)
                failed.update(made.failed)
                if made.vectors:
                    await self._book.add(encoder.fingerprint, made.vectors)
                for _ in made.vectors:
                    self._speed.note()

        tasks = [asyncio.create_task(work()) for _ in range(self._turn.pace.calls)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return failed

    async def _swap(self, line: Line, fingerprint: str) -> None:
        """Have the second set serve, and ask its embedder: nobody asks in between.

        Raises Mismatch where photos came meanwhile: they are what the next round is for.
        """
        async with self._switch.turning:
            await self._book.swap(fingerprint)
            self._switch.use(line)
        log.info("the library was embedded anew, fingerprint %s", fingerprint)

    def notices(self) -> tuple[str, ...]:
        """Return a sentence for a person while it is under way."""
        return notices(self._sets, self._message)


async def _checked(line: Line, second: VectorSet) -> Encoder:
    encoder = await line.encoder()
    if encoder.fingerprint != second.fingerprint:
        raise errors.Mismatch(
            f"the embedder at {line.address} runs {encoder.model}, not {second.model}: start it "
            "with that model, or cancel (`semapix reindex --cancel`)"
        )
    return encoder
