"""All pairs of vectors within a radius, four bytes each, refused before it would be too many."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis_service import neighbours
from analysis_service.neighbours import BLOCK_PAIRS, Edges, Indices, Report
from analysis_service.steps import Step
from common import errors
from common.vectors import Floats

SAMPLED_ROWS = 256
BYTES_PER_EDGE = 4
GRAPH_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Distances held at a time, and bytes that a graph may take."""

    pairs: int = BLOCK_PAIRS
    graph_bytes: int = GRAPH_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Edges of the rows from `start` on: how many each row has, int32, and their other ends."""

    start: int
    counts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]

    def edges(self) -> Edges:
        rows = np.arange(self.start, self.start + len(self.counts), dtype=np.int64)
        return Edges(np.repeat(rows, self.counts), self.ends.astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class RadiusGraph:
    """Each pair once, in blocks of rows; `neighbours` counts those of each row, itself included."""

    blocks: tuple[_Block, ...]
    neighbours: Indices

    def edges(self) -> Iterator[Edges]:
        """Yield all edges, a block at a time."""
        return (block.edges() for block in self.blocks)


def build(vectors: Floats, radius: float, *, report: Report, limits: Limits) -> RadiusGraph:
    """Return the graph of unit vectors of shape (n, d) within `radius` of cosine distance.

    Raises InvalidInput, naming a radius that fits, if it would take more than the limits allow.
    """
    require_room(vectors, radius, limits=limits)
    counts = np.ones(len(vectors), dtype=np.int64)
    blocks, held = [], 0
    for rows, edges in neighbours.edge_blocks(vectors, radius, pairs=limits.pairs):
        of_rows = np.bincount(edges.first - rows.start, minlength=rows.stop - rows.start)
        counts[rows] += of_rows
        counts += np.bincount(edges.second, minlength=len(vectors))
        blocks.append(_Block(rows.start, of_rows.astype(np.int32), edges.second.astype(np.int32)))
        held += len(edges.second) * BYTES_PER_EDGE
        if held > 1.5 * limits.graph_bytes:  # the sample of rows was not like the rest
            raise _too_large(radius, held, fits=radius / 2, limits=limits)
        report(Step.COUNTING, rows.stop / len(vectors))
    return RadiusGraph(tuple(blocks), counts)


def require_room(vectors: Floats, radius: float, *, limits: Limits) -> None:
    """Raise InvalidInput if the graph would take too much, judged by some rows, seeded."""
    count = len(vectors)
    if count * count / 2 * BYTES_PER_EDGE <= limits.graph_bytes:
        return
    rows = np.random.default_rng(0).choice(count, min(SAMPLED_ROWS, count), replace=False)
    distances = neighbours.distance_blocks(vectors[rows], vectors, pairs=limits.pairs)
    near = np.concatenate([np.sort(block, axis=None) for _, block in distances])
    expected = np.count_nonzero(near <= radius) / len(rows) * count / 2 * BYTES_PER_EDGE
    if expected > limits.graph_bytes:
        most = int(limits.graph_bytes / expected * np.count_nonzero(near <= radius))
        fits = float(np.partition(near, most)[most]) if most < len(near) else radius
        raise _too_large(radius, expected, fits=fits, limits=limits)


def _too_large(radius: float, needed: float, *, fits: float, limits: Limits) -> errors.InvalidInput:
    way_out = np.floor(fits * 0.95 * 1000) / 1000
    advice = f"eps = {way_out:g} fits" if way_out > 0 else "nearly all vectors are the same"
    return errors.InvalidInput(
        "spec.clusters.eps",
        f"{radius:g} ties so many samples that their graph would take {needed / 2**20:,.1f} MiB "
        f"of {limits.graph_bytes / 2**20:,.1f} that it may have: {advice}",
    )
