"""Groups of photos that are nearly the same."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis_service import neighbours
from analysis_service.neighbours import BLOCK_PAIRS, Edges, Indices, Report
from analysis_service.specs import DuplicateParameters
from analysis_service.steps import Step
from common.vectors import Floats

ROUNDING = np.float32(1e-6)
PART = 8192


@dataclass(frozen=True, slots=True)
class Group:
    """At least two rows, ascending, and the least cosine of two of them that are neighbours."""

    rows: tuple[int, ...]
    min_cosine: float


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups, largest first, then by their first row."""

    groups: tuple[Group, ...]


def find(
    vectors: Floats, parameters: DuplicateParameters, *, report: Report, pairs: int = BLOCK_PAIRS
) -> Duplicates:
    """Return the groups among unit vectors of shape (n, d).

    Neighbours have a cosine of at least `min_cosine`; a chain of neighbours is one group.
    """
    radius = float(np.float32(1) - np.float32(parameters.min_cosine) + ROUNDING)
    joined = neighbours.Components(len(vectors))
    farthest = np.zeros(len(vectors), dtype=np.float32)
    for rows, edges in neighbours.edge_blocks(vectors, radius, pairs=pairs):
        joined.tie(edges)
        for part in _parts(edges):
            distances = _distances(vectors, part)
            np.maximum.at(farthest, part.first, distances)
            np.maximum.at(farthest, part.second, distances)
        report(Step.COMPARING, rows.stop / len(vectors))
    return _groups(joined.labels(), farthest)


def _parts(edges: Edges) -> Iterator[Edges]:
    for at in range(0, len(edges.first), PART):
        yield Edges(edges.first[at : at + PART], edges.second[at : at + PART])


def _distances(vectors: Floats, edges: Edges) -> Floats:
    cosines: Floats = np.einsum("ij,ij->i", vectors[edges.first], vectors[edges.second])
    return np.asarray(np.clip(1 - cosines, 0, 2), dtype=np.float32)


def _groups(labels: Indices, farthest: Floats) -> Duplicates:
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    groups = [
        Group(tuple(rows.tolist()), float(1 - farthest[rows].max()))
        for rows in np.split(order, starts)
        if len(rows) > 1
    ]
    return Duplicates(tuple(sorted(groups, key=lambda group: -len(group.rows))))
