"""Groups of photos that are nearly the same."""

from dataclasses import dataclass

import numpy as np

from analysis_service import neighbours
from analysis_service.neighbours import BLOCK_PAIRS, Indices, Report
from analysis_service.specs import DuplicateParameters
from analysis_service.steps import Step
from common.vectors import Floats

ROUNDING = np.float32(1e-6)


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
    radius = np.float32(1) - np.float32(parameters.min_cosine) + ROUNDING
    joined = neighbours.Components(len(vectors))
    farthest = np.zeros(len(vectors), dtype=np.float32)
    for rows, distances in neighbours.distance_blocks(vectors, vectors, pairs=pairs):
        near = distances <= radius
        joined.tie(rows, near)
        farthest[rows] = np.where(near, distances, 0).max(axis=1)
        report(Step.COMPARING, rows.stop / len(vectors))
    return _groups(joined.labels(), farthest)


def _groups(labels: Indices, farthest: Floats) -> Duplicates:
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    groups = [
        Group(tuple(rows.tolist()), float(1 - farthest[rows].max()))
        for rows in np.split(order, starts)
        if len(rows) > 1
    ]
    return Duplicates(tuple(sorted(groups, key=lambda group: -len(group.rows))))
