"""One job runs, a few wait, each can be cancelled, and a broken one does not stop the rest."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from analysis_service.analyses import Analysis, LibraryState, State
from analysis_service.board import Board
from analysis_service.jobs import Jobs
from analysis_service.specs import ClusterParameters, MapParameters, Spec
from common import errors

SPEC = Spec(ClusterParameters())


class Work:
    """Runs until it is let go, then succeeds or raises."""

    def __init__(self, board: Board) -> None:
        self.board, self.gate, self.error = board, asyncio.Event(), None
        self.running, self.most = 0, 0
        self.error: Exception | None

    async def __call__(self, analysis_id: str) -> None:
        self.board.put(replace(self.board.get(analysis_id), state=State.RUNNING))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.gate.wait()
        finally:
            self.running -= 1
        if self.error:
            raise self.error
        self.board.put(replace(self.board.get(analysis_id), state=State.SUCCEEDED))


@pytest.fixture
def board() -> Board:
    return Board([])


@pytest.fixture
def work(board: Board) -> Work:
    return Work(board)


@pytest.fixture
async def jobs(board: Board, work: Work) -> AsyncIterator[Jobs]:
    queue = Jobs(board, work, max_waiting=2)
    async with queue.running():
        yield queue


async def reached(board: Board, analysis: Analysis, state: State) -> Analysis:
    """Return the analysis once it is in `state`."""
    async with asyncio.timeout(10):
        async for seen in board.watch(analysis.analysis_id):
            if seen.state is state:
                return seen
    raise AssertionError(f"it ended as {seen.state.name}: {seen.error}")


async def test_one_job_runs_and_the_rest_wait_in_their_order(
    board: Board, work: Work, jobs: Jobs
) -> None:
    first = jobs.submit(SPEC)
    await reached(board, first, State.RUNNING)
    second, third = jobs.submit(SPEC), jobs.submit(SPEC)
    assert board.get(second.analysis_id).state is State.QUEUED
    work.gate.set()
    await reached(board, third, State.SUCCEEDED)
    assert board.get(second.analysis_id).state is State.SUCCEEDED
    assert work.most == 1


async def test_full_queue_refuses_and_says_when_to_come_back(
    board: Board, work: Work, jobs: Jobs
) -> None:
    await reached(board, jobs.submit(SPEC), State.RUNNING)
    jobs.submit(SPEC)
    jobs.submit(SPEC)
    with pytest.raises(errors.Overloaded, match="2 analyses are waiting") as caught:
        jobs.submit(SPEC)
    assert caught.value.retry_after_s > 0
    assert len(board.newest_first()) == 3


async def test_waiting_job_is_cancelled_and_never_runs(
    board: Board, work: Work, jobs: Jobs
) -> None:
    first = jobs.submit(SPEC)
    await reached(board, first, State.RUNNING)
    second, third = jobs.submit(SPEC), jobs.submit(SPEC)
    assert (await jobs.cancel(second.analysis_id)).state is State.CANCELLED
    work.gate.set()
    await reached(board, third, State.SUCCEEDED)
    assert board.get(second.analysis_id).state is State.CANCELLED


async def test_running_job_is_cancelled_and_the_next_one_starts(
    board: Board, work: Work, jobs: Jobs
) -> None:
    first = jobs.submit(SPEC)
    await reached(board, first, State.RUNNING)
    second = jobs.submit(SPEC)
    ended = await jobs.cancel(first.analysis_id)
    assert ended.state is State.CANCELLED
    assert ended.ended_at_s > 0
    await reached(board, second, State.RUNNING)


@pytest.mark.parametrize("turns", range(6))
async def test_job_is_cancelled_at_any_turn_of_its_start(
    board: Board, jobs: Jobs, turns: int
) -> None:
    job = jobs.submit(SPEC)
    for _ in range(turns):
        await asyncio.sleep(0)
    assert (await jobs.cancel(job.analysis_id)).state is State.CANCELLED
    assert board.get(job.analysis_id).ended_at_s > 0


async def test_cancelling_twice_changes_nothing(board: Board, work: Work, jobs: Jobs) -> None:
    first = jobs.submit(SPEC)
    work.gate.set()
    done = await reached(board, first, State.SUCCEEDED)
    assert await jobs.cancel(first.analysis_id) == done
    assert await jobs.cancel(first.analysis_id) == done


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.Unavailable("no index at 1.2.3.4:5"), "no index at 1.2.3.4:5"),
        (RuntimeError("secret /root/key"), "internal error; the log of analysis_service says more"),
    ],
)
async def test_broken_job_says_why_and_the_next_one_runs(
    board: Board, work: Work, jobs: Jobs, error: Exception, text: str
) -> None:
    work.error = error
    work.gate.set()
    failed = await reached(board, jobs.submit(SPEC), State.FAILED)
    assert failed.error == text
    work.error = None
    await reached(board, jobs.submit(SPEC), State.SUCCEEDED)


async def test_stopping_cancels_what_runs_and_what_waits(board: Board, work: Work) -> None:
    queue = Jobs(board, work, max_waiting=2)
    async with queue.running():
        first = queue.submit(SPEC)
        await reached(board, first, State.RUNNING)
        queue.submit(SPEC)
    assert {analysis.state for analysis in board.newest_first()} == {State.CANCELLED}
    assert work.running == 0


async def test_cancelling_something_unknown_is_not_found(jobs: Jobs) -> None:
    with pytest.raises(errors.NotFound, match="'nothing'"):
        await jobs.cancel("nothing")


def an_analysis(state: State, library: LibraryState) -> Analysis:
    """Return one of `SPEC`."""
    return Analysis("x", SPEC, 0, state=state, library=library)


NOW, BEFORE, UNREAD = LibraryState(5, "f"), LibraryState(4, "f"), LibraryState()


@pytest.mark.parametrize(
    ("state", "library", "kept", "serves"),
    [
        (State.SUCCEEDED, NOW, True, True),
        (State.SUCCEEDED, NOW, False, False),
        (State.SUCCEEDED, BEFORE, True, False),
        (State.SUCCEEDED, LibraryState(5, "other"), True, False),
        (State.FAILED, NOW, True, False),
        (State.CANCELLED, NOW, True, False),
        (State.QUEUED, UNREAD, False, True),
        (State.RUNNING, NOW, False, True),
        (State.RUNNING, BEFORE, True, False),
    ],
)
def test_analysis_serves_a_second_request_only_while_it_shows_the_library(
    state: State, library: LibraryState, kept: bool, serves: bool
) -> None:
    known = Board([an_analysis(state, library)])
    assert (known.current(SPEC, NOW, kept=kept) is not None) is serves
    assert known.current(Spec(MapParameters()), NOW, kept=kept) is None
