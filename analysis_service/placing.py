"""Samples that came after a map, placed into it by their neighbours; those in it do not move."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis_service import nearest
from analysis_service.analyses import Analysis, LibraryState, Result
from analysis_service.maps import Map
from analysis_service.source import VectorSource
from common.samples import Sample
from common.vectors import Floats

NEIGHBOURS = 3
SAME = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PlacedMap:
    """Samples with their places, float32, shape (n, 3); `approximate`, bool, shape (n,)."""

    samples: tuple[Sample, ...]
    points: Floats
    approximate: npt.NDArray[np.bool_]


def as_kept(result: Result, found: Map) -> PlacedMap:
    """Return the map as it was computed."""
    return PlacedMap(result.samples, found.points, np.zeros(len(found.points), dtype=np.bool_))


class Placing:
    """Places what is new in the library into maps, and remembers the last map that it made so."""

    def __init__(self, source: VectorSource) -> None:
        self._source = source
        self._lock = asyncio.Lock()
        self._last: tuple[tuple[str, LibraryState], PlacedMap] | None = None

    async def placed(
        self, analysis: Analysis, result: Result, *, found: Map, library: LibraryState
    ) -> PlacedMap:
        """Return the map with what is in `library` now; what is gone is left out.

        Raises Unavailable if the vectors cannot be read.
        """
        key = (analysis.analysis_id, library)
        async with self._lock:
            if self._last is None or self._last[0] != key:
                samples, vectors = await self._read(analysis)
                made = await asyncio.to_thread(place, as_kept(result, found), samples, vectors)
                self._last = (key, made)
            return self._last[1]

    async def _read(self, analysis: Analysis) -> tuple[tuple[Sample, ...], Floats]:
        samples: list[Sample] = []
        rows: list[Floats] = []
        async for batch in self._source.read(analysis.spec.kinds):
            samples.extend(batch.samples)
            if len(batch.samples):
                rows.append(batch.vectors)
        empty = np.zeros((0, 1), dtype=np.float32)
        return tuple(samples), np.concatenate(rows) if rows else empty


def place(kept: PlacedMap, samples: Sequence[Sample], vectors: Floats) -> PlacedMap:
    """Return a map of `samples`, unit vectors of shape (n, d).

    Those of the kept map stay where they are. A new one comes between its nearest three of them,
    the nearer the closer; to the centre where none is left.
    """
    rows = {sample.sample_id: row for row, sample in enumerate(kept.samples)}
    before = np.array([rows.get(sample.sample_id, -1) for sample in samples], dtype=np.int64)
    new = before < 0
    points = np.zeros((len(samples), 3), dtype=np.float32)
    points[~new] = kept.points[before[~new]]
    if new.any() and not new.all():
        near, distances = nearest.among(vectors[new], vectors[~new], NEIGHBOURS)
        weights = 1 / (distances + SAME)
        weights /= weights.sum(axis=1, keepdims=True)
        points[new] = np.einsum("ij,ijk->ik", weights, points[~new][near])
    return PlacedMap(tuple(samples), points, new)
