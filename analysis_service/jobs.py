"""The queue of jobs: one runs, a few wait, each can be cancelled."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial

from analysis_service.analyses import Analysis, State
from analysis_service.board import Board
from analysis_service.specs import Spec
from common import errors

log = logging.getLogger(__name__)
RETRY_AFTER_S = 5.0
Run = Callable[[str], Awaitable[None]]


class Jobs:
    """Runs jobs one after another with `run`, which puts progress and success on the board."""

    def __init__(self, board: Board, run: Run, *, max_waiting: int) -> None:
        self._board, self._run, self._max_waiting = board, run, max_waiting
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._current: tuple[str, asyncio.Task[None]] | None = None
        self._worker: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends; what runs or waits then is cancelled."""
        self._worker = asyncio.create_task(self._work())
        try:
            yield
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Cancel what runs or waits, so that whoever watches it is told. Stopping twice is fine."""
        if self._worker:
            self._worker.cancel()
            await asyncio.wait([self._worker])
        for analysis_id in [*self._waiting, *self._current_id()]:
            await self.cancel(analysis_id)

    def submit(self, spec: Spec) -> Analysis:
        """Return a new analysis that waits for its turn. Raises Overloaded."""
        if len(self._waiting) >= self._max_waiting:
            raise errors.Overloaded(
                f"{len(self._waiting)} analyses are waiting and {self._max_waiting} may: "
                "wait for one to end, or cancel one",
                retry_after_s=RETRY_AFTER_S,
            )
        analysis = Analysis(uuid.uuid4().hex, spec, started_at_s=int(time.time()))
        self._board.put(analysis)
        self._waiting.append(analysis.analysis_id)
        self._wake.set()
        return analysis

    async def cancel(self, analysis_id: str) -> Analysis:
        """Return the analysis once it has ended. Raises NotFound."""
        analysis = self._board.get(analysis_id)
        if analysis_id in self._waiting:
            self._waiting.remove(analysis_id)
            self._end(analysis_id, State.CANCELLED)
        elif self._current and self._current[0] == analysis_id:
            task = self._current[1]
            task.cancel()
            await asyncio.wait([task])
        return self._board.get(analysis.analysis_id)

    def _current_id(self) -> list[str]:
        return [self._current[0]] if self._current else []

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            if not self._waiting:
                self._wake.clear()
                continue
            analysis_id = self._waiting.popleft()
            task = asyncio.create_task(self._run_one(analysis_id))
            task.add_done_callback(partial(self._end_cancelled, analysis_id))
            self._current = (analysis_id, task)
            await asyncio.wait([task])
            self._current = None

    async def _run_one(self, analysis_id: str) -> None:
        try:
            await self._run(analysis_id)
        except errors.SemapixError as error:
            log.warning("analysis %s failed: %s", analysis_id, error)
            self._end(analysis_id, State.FAILED, error=str(error))
        except Exception:  # nobody waits for a job: without this its state would never change
            log.exception("analysis %s failed", analysis_id)
            text = "internal error; the log of analysis_service says more"
            self._end(analysis_id, State.FAILED, error=text)

    def _end_cancelled(self, analysis_id: str, task: asyncio.Task[None]) -> None:
        """Called from outside the task: one that is cancelled before its first step never runs."""
        if task.cancelled():
            self._end(analysis_id, State.CANCELLED)

    def _end(self, analysis_id: str, state: State, *, error: str = "") -> None:
        analysis = self._board.get(analysis_id)
        now = int(time.time())
        self._board.put(replace(analysis, state=state, ended_at_s=now, error=error))
