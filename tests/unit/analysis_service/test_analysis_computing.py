"""The child process computes what the parent would, and ends when told or when it breaks."""

import asyncio
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from analysis_service import computing
from analysis_service.clusters import Clusters
from analysis_service.specs import ClusterParameters, MapParameters, Method, Parameters
from analysis_service.steps import Step
from common import errors
from common.vectors import normalised


def task(folder: Path, parameters: Parameters, count: int) -> computing.Task:
    """Return a task over random unit vectors."""
    rows = normalised(np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32))
    path = folder / "vectors.f32"
    rows.astype("<f4").tofile(path)
    return computing.Task(path, 8, parameters)


def children() -> set[int]:
    """Return the processes started by this one."""
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(number) for path in listed for number in path.read_text().split()}


async def test_child_returns_what_this_process_would(tmp_path: Path) -> None:
    asked = task(tmp_path, ClusterParameters(eps=0.3), 50)
    steps: list[Step] = []
    found = await computing.compute_apart(asked, report=lambda step, share: steps.append(step))
    here = computing.compute(asked, report=lambda step, share: None)
    assert isinstance(here, Clusters)
    assert here.clusters
    assert found == here
    assert steps == [Step.SUGGESTING, Step.COUNTING, Step.TYING, Step.MEASURING]


async def started(asked: computing.Task) -> tuple["asyncio.Task[object]", int]:
    """Return a computation that is inside t-SNE, and its process."""
    before, inside = children(), asyncio.Event()
    work: asyncio.Task[object] = asyncio.create_task(
        computing.compute_apart(
            asked, report=lambda step, share: inside.set() if step is Step.TSNE else None
        )
    )
    await asyncio.wait_for(inside.wait(), 60)
    tracker = {pid for pid in children() - before if b"resource_tracker" in command(pid)}
    (child,) = children() - before - tracker
    return work, child


def command(pid: int) -> bytes:
    """Return the command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


async def test_cancelling_ends_the_child_at_once(tmp_path: Path) -> None:
    work, child = await started(task(tmp_path, MapParameters(iterations=10_000), 800))
    asked_at = time.monotonic()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert time.monotonic() - asked_at < 2
    assert child not in children()


async def test_child_that_dies_is_an_error_that_says_how(tmp_path: Path) -> None:
    work, child = await started(task(tmp_path, MapParameters(iterations=10_000), 800))
    os.kill(child, signal.SIGKILL)
    with pytest.raises(computing.ChildDied, match="exit code -9"):
        await work


async def test_refusal_of_the_child_says_what_to_mend(tmp_path: Path) -> None:
    asked = task(tmp_path, ClusterParameters(method=Method.HDBSCAN), 20_001)
    with pytest.raises(errors.InvalidInput, match="HDBSCAN takes at most 20,000") as caught:
        await computing.compute_apart(asked, report=lambda step, share: None)
    assert caught.value.field == "spec.clusters.method"


async def test_child_that_breaks_is_an_error(tmp_path: Path) -> None:
    absent = computing.Task(tmp_path / "absent.f32", 8, ClusterParameters())
    with pytest.raises(computing.ChildDied, match="exit code 1"):
        await computing.compute_apart(absent, report=lambda step, share: None)
