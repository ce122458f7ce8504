"""The heavy part of a job in a process of its own, which can be ended at any moment."""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import numpy as np

from analysis_service import clusters, duplicates, maps
from analysis_service.analyses import Outcome
from analysis_service.neighbours import Indices, Report
from analysis_service.specs import ClusterParameters, MapParameters, Parameters
from analysis_service.steps import Step
from common import errors
from common.samples import PhotoFacts
from common.vectors import Floats

REPORT_EVERY_S = 0.2
NICENESS = 10


@dataclass(frozen=True, slots=True)
class Task:
    """Parameters, and the file of little-endian float32 rows of `dimension` to apply them to.

    `runs` are rows to be clustered each by themselves; without any, all are. `photos` are what is
    known of the photo of each row, where duplicates are looked for; None for one that is gone.
    """

    vectors: Path
    dimension: int
    parameters: Parameters
    runs: tuple[Indices, ...] = ()
    photos: tuple[PhotoFacts | None, ...] = ()


@dataclass(frozen=True, slots=True)
class _Progress:
    step: Step
    share: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an InvalidInput says, on its way between processes."""

    field: str
    message: str


def compute(task: Task, *, report: Report) -> Outcome:
    """Return the outcome of `task`, computed here and now."""
    vectors, parameters = _rows(task), task.parameters
    if isinstance(parameters, ClusterParameters):
        return clusters.find(vectors, parameters, report=report, runs=task.runs)
    if isinstance(parameters, MapParameters):
        return maps.draw(vectors, parameters, report=report)
    return duplicates.find(vectors, task.photos, parameters, report=report)


def _rows(task: Task) -> Floats:
    rows = np.fromfile(task.vectors, dtype="<f4").astype(np.float32, copy=False)
    return rows.reshape(-1, max(1, task.dimension))


class Compute(Protocol):
    """Computes the outcome of a task, wherever; cancelling it ends the work."""

    async def __call__(self, task: Task, *, report: Report) -> Outcome:
        """Return the outcome."""


async def compute_apart(task: Task, *, report: Report) -> Outcome:
    """Return the outcome of `task`, computed in a child process.

    Cancelling ends the child at once. Raises what it refused, and ChildDied if it ends by itself
    without an outcome.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, task), daemon=True)
    child.start()
    theirs.close()
    try:
        outcome = await _outcome(ours, report)
        await asyncio.to_thread(child.join)
    finally:
        child.kill()
        await asyncio.to_thread(child.join)
    if outcome is None:
        raise ChildDied(child.exitcode)
    if isinstance(outcome, Refusal):
        raise errors.InvalidInput(outcome.field, outcome.message)
    return outcome


class ChildDied(errors.SemapixError):
    """The computation ended without an outcome; its traceback, if any, is in the log."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(
            f"the computation ended with exit code {exit_code} "
            "(-9 usually means that memory ran out); the log of analysis_service says more"
        )


async def _outcome(ours: Connection, report: Report) -> Outcome | Refusal | None:
    """Return what the child sends last, None if it dies before.

    The thread that waits comes back whatever happens: a dead child closes the pipe.
    """
    while True:
        message = await asyncio.to_thread(_received, ours)
        if not isinstance(message, _Progress):
            return message
        report(message.step, message.share)


def _received(ours: Connection) -> _Progress | Refusal | Outcome | None:
    try:
        message: _Progress | Refusal | Outcome = ours.recv()
    except (EOFError, ConnectionResetError):
        return None
    return message


def _child(theirs: Connection, task: Task) -> None:
    """Compute `task` and send progress and outcome; run in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(NICENESS)
    # Threads that wait asleep: on a busy machine those that spin take twice as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        theirs.send(compute(task, report=_Reporter(theirs)))
    except errors.InvalidInput as error:
        theirs.send(Refusal(error.field, error.complaint))


def _end_with_parent() -> None:
    """End this process when its parent is gone, killed ones included."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Reporter:
    """Sends progress, at most once in a while within one step."""

    def __init__(self, theirs: Connection) -> None:
        self._theirs = theirs
        self._step, self._sent_at = Step.WAITING, 0.0

    def __call__(self, step: Step, share: float) -> None:
        now = time.monotonic()
        if step is self._step and now - self._sent_at < REPORT_EVERY_S:
            return
        self._step, self._sent_at = step, now
        self._theirs.send(_Progress(step, share))
