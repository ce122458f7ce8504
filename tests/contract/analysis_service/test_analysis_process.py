"""The process itself: starts without torch, dies by kill -9 leaving nothing, drains on SIGTERM."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common import clients, vectors
from common.vectors import Floats
from semapix.v1 import analysis_pb2 as pb

LONG = pb.AnalysisSpec(map={"iterations": 10_000})


@dataclass
class Started:
    """A process and a client of it."""

    process: asyncio.subprocess.Process
    service: Any


Start = Callable[[], "contextlib.AbstractAsyncContextManager[Started]"]


@pytest.fixture
def start(index: str, tmp_path: Path, connect: Any) -> Start:
    @contextlib.asynccontextmanager
    async def started() -> AsyncIterator[Started]:
        process = await _process(index, tmp_path)
        try:
            async with clients.channel(f"127.0.0.1:{await _port(process)}") as channel:
                yield Started(process, connect(channel))
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    return started


async def _process(index: str, folder: Path) -> asyncio.subprocess.Process:
    settings = {"ADDRESS": "127.0.0.1:0", "INDEX": index, "FOLDER": str(folder)}
    environ = {f"SEMAPIX_ANALYSIS_{name}": value for name, value in settings.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "analysis_service"),
        env={**os.environ, **environ},
        stderr=asyncio.subprocess.PIPE,
    )


async def _port(process: asyncio.subprocess.Process) -> int:
    """Return the port that the log names."""
    assert process.stderr is not None
    while line := (await asyncio.wait_for(process.stderr.readline(), 60)).decode():
        if found := re.search(r"AnalysisService on port (\d+)", line):
            return int(found[1])
    raise AssertionError("it ended before it listened")


def offspring(pid: int) -> list[int]:
    """Return the processes started by `pid`."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for path in listed for number in path.read_text().split()]


async def gone(pids: list[int]) -> bool:
    """Return whether all of `pids` end within five seconds."""
    for _ in range(100):
        if not any(_runs(pid) for pid in pids):
            return True
        await asyncio.sleep(0.05)
    return False


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def many() -> Floats:
    """Return so many unit rows that t-SNE takes a while."""
    rows = np.random.default_rng(0).normal(size=(900, 8))
    return vectors.normalised(rows.astype(np.float32))


@pytest.fixture
def inside_tsne(library: Any) -> Callable[[Any], Any]:
    library.rows = many()

    async def run(service: Any) -> None:
        await service.reached(await service.start(LONG), "t-SNE")

    return run


async def test_kill_9_during_a_job_leaves_no_process_no_job_and_no_file(
    start: Start, left: Any, inside_tsne: Any
) -> None:
    async with start() as before:
        await inside_tsne(before.service)
        computing = offspring(before.process.pid)
        assert computing
        before.process.send_signal(signal.SIGKILL)
        await before.process.wait()
        assert await gone(computing)
    async with start() as after:
        assert await after.service.listed() == []
        assert left() == []


async def test_kill_9_while_vectors_are_read_leaves_no_job_and_no_file(
    start: Start, left: Any, library: Any
) -> None:
    library.gate.clear()
    async with start() as before:
        await before.service.reached(await before.service.start(LONG), "reading vectors")
        assert [path.suffix for path in left()] == [".f32"]
        before.process.send_signal(signal.SIGKILL)
        await before.process.wait()
    library.gate.set()
    async with start() as after:
        assert await after.service.listed() == []
        assert left() == []


async def test_sigterm_ends_the_service_its_computation_and_those_who_watch(
    start: Start, library: Any
) -> None:
    library.rows = many()
    async with start() as started:
        analysis = await started.service.start(LONG)
        watching = started.service.watch(analysis)
        while (await anext(watching)).step != "t-SNE":
            pass
        computing = offspring(started.process.pid)
        started.process.terminate()
        last = [news async for news in watching][-1]
        assert last.state == pb.ANALYSIS_STATE_CANCELLED
        assert await asyncio.wait_for(started.process.wait(), 8) == 0
        assert await gone(computing)


async def test_neither_the_service_nor_its_computation_loads_torch(
    start: Start, inside_tsne: Any
) -> None:
    async with start() as started:
        await inside_tsne(started.service)
        pids = [started.process.pid, *offspring(started.process.pid)]
        loaded = [mapped(pid) for pid in pids]
    assert any("sklearn" in text for text in loaded)
    assert not any("torch" in text for text in loaded)


def mapped(pid: int) -> str:
    """Return the files that a process has mapped."""
    return Path(f"/proc/{pid}/maps").read_text()
