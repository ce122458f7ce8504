"""Rows of vectors that lie close together."""

from collections.abc import Iterator

import numpy as np

from analysis_service import neighbours
from analysis_service.neighbours import BLOCK_PAIRS, Edges, Indices, Report
from analysis_service.steps import Step
from common.vectors import Floats

ROUNDING = np.float32(1e-6)
PART = 8192


def groups(
    vectors: Floats, min_cosine: float, *, report: Report, pairs: int = BLOCK_PAIRS
) -> list[tuple[Indices, float]]:
    """Return the rows of each group, and the least cosine of two of them that are neighbours.

    Neighbours among unit vectors, shape (n, d), have a cosine of at least `min_cosine`; a chain of
    at least two neighbours is one group. In the order of their first rows.
    """
    radius = float(np.float32(1) - np.float32(min_cosine) + ROUNDING)
    joined = neighbours.Components(len(vectors))
    farthest = np.zeros(len(vectors), dtype=np.float32)
    for rows, edges in neighbours.edge_blocks(vectors, radius, pairs=pairs):
        joined.tie(edges)
        for part in _parts(edges):
            distances = _distances(vectors, part)
            np.maximum.at(farthest, part.first, distances)
            np.maximum.at(farthest, part.second, distances)
        report(Step.COMPARING, rows.stop / len(vectors))
    found = (rows for rows in neighbours.members(joined.labels()) if len(rows) > 1)
    return [(rows, float(1 - farthest[rows].max())) for rows in found]


def _parts(edges: Edges) -> Iterator[Edges]:
    for at in range(0, len(edges.first), PART):
        yield Edges(edges.first[at : at + PART], edges.second[at : at + PART])


def _distances(vectors: Floats, edges: Edges) -> Floats:
    cosines: Floats = np.einsum("ij,ij->i", vectors[edges.first], vectors[edges.second])
    return np.asarray(np.clip(1 - cosines, 0, 2), dtype=np.float32)
