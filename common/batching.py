"""A bounded queue before blocking model work: requests that wait together run together."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from common import errors

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Batched(Generic[Out]):
    """The results of one request in its order, and where its time went."""

    results: list[Out]
    queue_ms: float
    compute_ms: float


@dataclass(slots=True)
class _Job(Generic[In, Out]):
    items: Sequence[In]
    done: "asyncio.Future[Batched[Out]]"
    queued_at: float = field(default_factory=time.perf_counter)


class Batcher(Generic[In, Out]):
    """Runs `work` in one thread of its own on up to `max_batch` items of several requests.

    `work` returns one result per item. At most `max_waiting` items wait; a request that finds more
    is refused with Overloaded. A caller that goes away takes its waiting items along. The thread
    does `at_start` first.
    """

    def __init__(
        self,
        work: Callable[[list[In]], Sequence[Out]],
        *,
        max_batch: int,
        max_waiting: int,
        at_start: Callable[[], object] | None = None,
    ) -> None:
        self._work, self._max_batch, self._max_waiting = work, max_batch, max_waiting
        self._jobs: deque[_Job[In, Out]] = deque()
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model", initializer=at_start)
        self._compute_ms = 0.0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends; what still waits then is refused with Unavailable."""
        loop = asyncio.create_task(self._run())
        try:
            yield
        finally:
            loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await loop
            self._refuse_waiting()
            self._thread.shutdown(wait=True)

    async def submit(self, items: Sequence[In]) -> Batched[Out]:
        """Return the results of `items`. Raises Overloaded, or whatever `work` raised."""
        waiting = sum(len(job.items) for job in self._jobs)
        if waiting and waiting + len(items) > self._max_waiting:
            raise errors.Overloaded(
                f"{waiting} items are waiting and {self._max_waiting} may: try again later",
                retry_after_s=max(0.1, self._compute_ms / 1e3),
            )
        job: _Job[In, Out] = _Job(items, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._wake.set()
        return await job.done

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            batch = self._next_batch()
            if not batch:
                self._wake.clear()
                continue
            started = time.perf_counter()
            items = [item for job in batch for item in job.items]
            try:
                results = await loop.run_in_executor(self._thread, self._work, items)
            except asyncio.CancelledError:
                _fail(batch, errors.Unavailable("the service is stopping"))
                raise
            except Exception as error:  # whatever it is, it belongs to the callers, not to the loop
                _fail(batch, error)
            else:
                self._compute_ms = 1e3 * (time.perf_counter() - started)
                _share_out(batch, results, started, self._compute_ms)

    def _next_batch(self) -> list[_Job[In, Out]]:
        """Take whole requests while they fit; a request larger than a batch runs alone."""
        batch: list[_Job[In, Out]] = []
        room = self._max_batch
        while self._jobs and (not batch or len(self._jobs[0].items) <= room):
            job = self._jobs.popleft()
            if not job.done.done():
                batch.append(job)
                room -= len(job.items)
        return batch

    def _refuse_waiting(self) -> None:
        _fail(list(self._jobs), errors.Unavailable("the service is stopping"))
        self._jobs.clear()


def _fail(batch: Sequence[_Job[In, Out]], error: Exception) -> None:
    for job in batch:
        if not job.done.done():
            job.done.set_exception(error)


def _share_out(
    batch: Sequence[_Job[In, Out]], results: Sequence[Out], started: float, compute_ms: float
) -> None:
    at = 0
    for job in batch:
        own = list(results[at : at + len(job.items)])
        at += len(job.items)
        if not job.done.done():
            job.done.set_result(Batched(own, 1e3 * (started - job.queued_at), compute_ms))
