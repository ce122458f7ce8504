"""analysis_service in front of a small library."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from analysis_service import clients, jobs, runner, servicer
from analysis_service.analyses import Outcome
from analysis_service.board import Board
from analysis_service.computing import Compute, Task, compute, compute_apart
from analysis_service.neighbours import Report
from analysis_service.store import Store
from common import clients as channels
from common import server
from semapix.v1 import analysis_pb2 as apb
from semapix.v1 import analysis_pb2_grpc as analysis_rpc
from tests.contract.analysis_service.analysis_library import Library


class Service:
    """A client of analysis_service with the calls that most tests make."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.stub: Any = analysis_rpc.AnalysisServiceStub(channel)

    async def start(self, spec: apb.AnalysisSpec, *, force: bool = False) -> apb.Analysis:
        """Return the analysis as it starts."""
        request = apb.StartAnalysisRequest(spec=spec, force=force)
        response = await channels.call(self.stub.StartAnalysis(request, timeout=20))
        return response.analysis

    async def get(self, analysis: apb.Analysis) -> apb.Analysis:
        """Return the analysis as it is now."""
        request = apb.GetAnalysisRequest(analysis_id=analysis.analysis_id)
        return (await channels.call(self.stub.GetAnalysis(request, timeout=20))).analysis

    async def cancel(self, analysis: apb.Analysis) -> apb.Analysis:
        """Return the analysis after its end."""
        request = apb.CancelAnalysisRequest(analysis_id=analysis.analysis_id)
        return (await channels.call(self.stub.CancelAnalysis(request, timeout=20))).analysis

    async def listed(self) -> list[apb.Analysis]:
        """Return all analyses, newest first."""
        call = self.stub.ListAnalyses(apb.ListAnalysesRequest(), timeout=20)
        return list((await channels.call(call)).analyses)

    async def watch(self, analysis: apb.Analysis) -> AsyncIterator[apb.Analysis]:
        """Yield the analysis whenever it changes."""
        request = apb.WatchAnalysisRequest(analysis_id=analysis.analysis_id)
        async for response in channels.stream(self.stub.WatchAnalysis(request, timeout=60)):
            yield response.analysis

    async def reached(self, analysis: apb.Analysis, step: str) -> apb.Analysis:
        """Return the analysis once it is at `step`."""
        async for seen in self.watch(analysis):
            if seen.step == step:
                return seen
        raise AssertionError(f"{step!r} was never seen")

    async def ended(self, analysis: apb.Analysis) -> apb.Analysis:
        """Return the analysis once it has ended."""
        return [seen async for seen in self.watch(analysis)][-1]

    async def succeeded(self, spec: apb.AnalysisSpec, *, force: bool = False) -> apb.Analysis:
        """Return a new analysis that has succeeded."""
        analysis = await self.ended(await self.start(spec, force=force))
        assert analysis.state == apb.ANALYSIS_STATE_SUCCEEDED, analysis.error
        return analysis


@contextlib.asynccontextmanager
async def _serving(index: str, folder: Path, compute: Compute) -> AsyncIterator[Service]:
    store = Store(folder)
    board = Board(store.analyses())
    async with channels.channel(index) as channel:
        source = clients.IndexClient(channel)
        run = runner.Runner(source, board, store=store, keep=3, compute=compute).run
        queue = jobs.Jobs(board, run, max_waiting=2)
        served = servicer.AnalysisServicer(source, board=board, jobs=queue, store=store)
        async with (
            queue.running(),
            _listening(served.register, servicer.NAME) as address,
            channels.channel(address) as own,
        ):
            yield Service(own)


@contextlib.asynccontextmanager
async def _listening(register: server.Register, name: str) -> AsyncIterator[str]:
    async with server.running(
        register, names=[name], address="127.0.0.1:0", drain_s=1.0
    ) as running:
        await running.set_ready()
        yield f"127.0.0.1:{running.port}"


@pytest.fixture
def library() -> Library:
    """Four photos in one place, three in another, one alone; its stream is open."""
    index = Library()
    index.gate.set()
    return index


@pytest.fixture
async def index(library: Library) -> AsyncIterator[str]:
    """Address of the library."""
    async with _listening(library.register, "semapix.v1.IndexService") as address:
        yield address


Serve = Callable[..., "contextlib.AbstractAsyncContextManager[Service]"]


@pytest.fixture
def serve(index: str, tmp_path: Path) -> Serve:
    """Start analysis_service over the library, or over what another address has.

    Each start is a restart on the same folder.
    """
    return lambda address=index: _serving(address, tmp_path, compute_apart)


@pytest.fixture
def serve_quick(tmp_path: Path) -> Serve:
    """Start an analysis_service that computes in this process, over what an address has."""
    return lambda address: _serving(address, tmp_path / "analyses", _compute_here)


@pytest.fixture
async def service(serve: Serve) -> AsyncIterator[Service]:
    """One running analysis_service."""
    async with serve() as client:
        yield client


async def _compute_here(task: Task, *, report: Report) -> Outcome:
    """Return the outcome without the second that a child process takes to start."""
    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(
        compute, task, report=lambda *news: loop.call_soon_threadsafe(report, *news)
    )


@pytest.fixture
async def quick(index: str, tmp_path: Path) -> AsyncIterator[Service]:
    """One running analysis_service that computes in this process."""
    async with _serving(index, tmp_path, _compute_here) as client:
        yield client


def files(folder: Path) -> list[Path]:
    """Return all files below `folder`."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def left(tmp_path: Path) -> Callable[[], list[Path]]:
    """Say which files of analyses are left in the folder of analysis_service."""
    registers = tmp_path / "identities"
    return lambda: [path for path in files(tmp_path) if path.parent != registers]


@pytest.fixture
def connect() -> Callable[[grpc.aio.Channel], Service]:
    """Client of an analysis_service that runs elsewhere."""
    return Service
