"""Requests that wait together run together; a full queue refuses; nobody waits for ever."""

import asyncio
import threading

import pytest

from common import batching, errors


class Doubler:
    """Doubles numbers, remembers its batches, and can be held."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, items: list[int]) -> list[int]:
        self.gate.wait(10)
        self.batches.append(items)
        if -1 in items:
            raise errors.InvalidInput("item", "-1 is not a number here")
        return [2 * item for item in items]


async def held(doubler: Doubler, batcher: "batching.Batcher[int, int]") -> "asyncio.Task[object]":
    """Return a request that is being worked on, so that all others have to wait."""
    doubler.gate.clear()
    task = asyncio.create_task(batcher.submit([0]))
    await asyncio.sleep(0.05)
    return task


async def test_waiting_requests_share_a_batch_and_keep_their_order() -> None:
    doubler = Doubler()
    batcher = batching.Batcher(doubler, max_batch=8, max_waiting=100)
    async with batcher.running():
        first = await held(doubler, batcher)
        rest = [asyncio.create_task(batcher.submit([n, n + 1])) for n in (10, 20, 30)]
        await asyncio.sleep(0.05)
        doubler.gate.set()
        results = [(await task).results for task in rest]
        await first
    assert results == [[20, 22], [40, 42], [60, 62]]
    assert doubler.batches == [[0], [10, 11, 20, 21, 30, 31]]


async def test_batches_stay_below_their_limit_and_a_large_request_runs_alone() -> None:
    doubler = Doubler()
    batcher = batching.Batcher(doubler, max_batch=4, max_waiting=100)
    async with batcher.running():
        first = await held(doubler, batcher)
        rest = [asyncio.create_task(batcher.submit([1] * n)) for n in (3, 2, 9)]
        await asyncio.sleep(0.05)
        doubler.gate.set()
        await asyncio.gather(first, *rest)
    assert [len(batch) for batch in doubler.batches] == [1, 3, 2, 9]


async def test_full_queue_is_refused_with_a_hint() -> None:
    doubler = Doubler()
    batcher = batching.Batcher(doubler, max_batch=1, max_waiting=2)
    async with batcher.running():
        running = await held(doubler, batcher)
        waiting = asyncio.create_task(batcher.submit([1, 2]))
        await asyncio.sleep(0.05)
        with pytest.raises(errors.Overloaded, match="2 items are waiting") as caught:
            await batcher.submit([3])
        doubler.gate.set()
        await asyncio.gather(running, waiting)
    assert caught.value.retry_after_s > 0


async def test_failed_work_reaches_its_callers_and_the_next_batch_runs() -> None:
    batcher = batching.Batcher(Doubler(), max_batch=4, max_waiting=9)
    async with batcher.running():
        with pytest.raises(errors.InvalidInput, match="not a number"):
            await batcher.submit([-1])
        assert (await batcher.submit([4])).results == [8]


async def test_caller_that_left_costs_no_work() -> None:
    doubler = Doubler()
    batcher = batching.Batcher(doubler, max_batch=1, max_waiting=9)
    async with batcher.running():
        running = await held(doubler, batcher)
        leaver = asyncio.create_task(batcher.submit([5]))
        await asyncio.sleep(0.05)
        leaver.cancel()
        doubler.gate.set()
        await running
        assert (await batcher.submit([6])).results == [12]
    assert [5] not in doubler.batches


async def test_stopping_refuses_what_waits() -> None:
    doubler = Doubler()
    batcher = batching.Batcher(doubler, max_batch=1, max_waiting=9)
    async with batcher.running():
        await held(doubler, batcher)
        waiting = asyncio.create_task(batcher.submit([7]))
        await asyncio.sleep(0.05)
        doubler.gate.set()
    with pytest.raises(errors.Unavailable, match="stopping"):
        await waiting


async def test_stopping_answers_those_whose_work_is_under_way() -> None:
    doubler = Doubler()
    batcher = batching.Batcher(doubler, max_batch=1, max_waiting=9)
    async with batcher.running():
        working = await held(doubler, batcher)
        threading.Timer(0.1, doubler.gate.set).start()
    with pytest.raises(errors.Unavailable, match="stopping"):
        await asyncio.wait_for(working, 1)
