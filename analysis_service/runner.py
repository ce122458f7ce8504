"""One job from its first vector to its kept result."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from analysis_service.analyses import Analysis, LibraryState, Result, State
from analysis_service.board import Board
from analysis_service.computing import Compute, Task, compute_apart
from analysis_service.neighbours import Indices
from analysis_service.source import VectorSource
from analysis_service.specs import DuplicateParameters, Spec
from analysis_service.steps import Step, progress
from analysis_service.store import Store
from common import errors
from common.samples import PhotoFacts, Sample

T = TypeVar("T")
PHOTOS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read: the samples, their state, and the dimension of the vectors in the file."""

    samples: tuple[Sample, ...]
    library: LibraryState
    dimension: int


class Runner:
    """Runs the jobs of one library and keeps the newest `keep` results."""

    def __init__(
        self,
        source: VectorSource,
        board: Board,
        *,
        store: Store,
        keep: int,
        compute: Compute = compute_apart,
    ) -> None:
        self._source, self._board, self._store, self._keep = source, board, store, keep
        self._registers, self._compute = store.registers, compute

    async def run(self, analysis_id: str) -> None:
        """Bring one job to success. Raises SemapixError, or CancelledError with nothing kept."""
        scratch = self._store.scratch(analysis_id)
        try:
            await self._run(analysis_id, scratch)
        except asyncio.CancelledError:
            self._store.remove(analysis_id)
            raise
        finally:
            scratch.unlink(missing_ok=True)
            self._forget_oldest()

    async def _run(self, analysis_id: str, scratch: Path) -> None:
        show = partial(self._show, analysis_id)
        read = await self._read(analysis_id, scratch)
        self._update(analysis_id, library=read.library, samples=len(read.samples))
        spec = self._board.get(analysis_id).spec
        runs, photos = _runs(spec, read.samples), await self._photos(analysis_id, read.samples)
        task = Task(scratch, read.dimension, spec.parameters, runs, photos)
        outcome = await self._compute(task, report=show)
        show(Step.KEEPING, 0.0)
        recognised = asyncio.to_thread(self._registers.recognised, spec, read.samples, outcome)
        outcome = await _to_its_end(recognised)
        done = _succeeded(self._board.get(analysis_id))
        result = Result(read.samples, outcome)
        await _to_its_end(asyncio.to_thread(self._store.save, done, result))
        self._board.put(done)

    async def _read(self, analysis_id: str, scratch: Path) -> _Read:
        """Write the vectors to `scratch`, one after the other, and return the rest."""
        self._update(analysis_id, state=State.RUNNING)
        self._show(analysis_id, Step.READING, 0.0)
        samples: list[Sample] = []
        library, total, dimension = LibraryState(), 0, 0
        with scratch.open("wb") as file:
            async for batch in self._source.read(self._board.get(analysis_id).spec.kinds):
                file.write(batch.vectors.astype("<f4").tobytes())
                samples.extend(batch.samples)
                library, total = batch.library, batch.total
                dimension = batch.vectors.shape[1] or dimension
                self._show(analysis_id, Step.READING, len(samples) / max(1, total))
        if len(samples) != total:
            raise errors.Unavailable(
                f"the index ended its stream after {len(samples)} of {total} vectors: try again"
            )
        return _Read(tuple(samples), library, dimension)

    async def _photos(
        self, analysis_id: str, samples: Sequence[Sample]
    ) -> tuple[PhotoFacts | None, ...]:
        """Return what is known of the photo of each sample, if duplicates are looked for."""
        if not isinstance(self._board.get(analysis_id).spec.parameters, DuplicateParameters):
            return ()
        found: list[PhotoFacts | None] = []
        for at in range(0, len(samples), PHOTOS_AT_ONCE):
            part = samples[at : at + PHOTOS_AT_ONCE]
            found += await self._source.photos([sample.photo_id for sample in part])
            self._show(analysis_id, Step.FACTS, len(found) / len(samples))
        return tuple(found)

    def _show(self, analysis_id: str, step: Step, share: float) -> None:
        """Show how far it is; a second run begins again, what is shown never goes back."""
        before = self._board.get(analysis_id).progress
        self._update(analysis_id, step=step, progress=max(before, progress(step, share)))

    def _update(self, analysis_id: str, **changes: Any) -> None:
        self._board.put(replace(self._board.get(analysis_id), **changes))

    def _forget_oldest(self) -> None:
        """Results are pushed out by results alone: failures have a count of their own."""
        ended = [analysis for analysis in self._board.newest_first() if analysis.has_ended]
        for succeeded in (True, False):
            alike = [a for a in ended if (a.state is State.SUCCEEDED) is succeeded]
            for analysis in alike[self._keep :]:
                self._board.forget(analysis.analysis_id)
                self._store.remove(analysis.analysis_id)


def _runs(spec: Spec, samples: Sequence[Sample]) -> tuple[Indices, ...]:
    """Return the rows of each run where there are several."""
    if len(spec.runs) == 1:
        return ()
    kinds = np.asarray([sample.kind for sample in samples], dtype=np.int64)
    return tuple(np.flatnonzero(np.isin(kinds, run)) for run in spec.runs)


def _succeeded(analysis: Analysis) -> Analysis:
    return replace(
        analysis,
        state=State.SUCCEEDED,
        step=Step.DONE,
        progress=1.0,
        ended_at_s=int(time.time()),
    )


async def _to_its_end(work: Awaitable[T]) -> T:
    """Return what `work` returns; a cancellation meanwhile is raised once it is through."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
