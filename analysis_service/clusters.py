"""Clusters of samples: DBSCAN over cosine distance in memory that does not grow with pairs."""

from dataclasses import dataclass

import numpy as np

from analysis_service import neighbours
from analysis_service.neighbours import BLOCK_PAIRS, Indices, Report
from analysis_service.specs import ClusterParameters
from analysis_service.steps import Step
from common.vectors import Floats, normalised

NOISE = -1


@dataclass(frozen=True, slots=True)
class Cluster:
    """Row numbers, nearest to the centre first, and their mean distance to it, in [0, 2]."""

    rows: tuple[int, ...]
    spread: float


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters, largest first, and the rows that are in none, ascending."""

    clusters: tuple[Cluster, ...]
    noise: tuple[int, ...]


def find(vectors: Floats, parameters: ClusterParameters, *, report: Report) -> Clusters:
    """Return the clusters of unit vectors of shape (n, d); clusters of one size keep row order."""
    labels = dbscan(vectors, parameters, report=report)
    report(Step.MEASURING, 0.0)
    found = [_cluster(vectors, rows) for rows in _members(labels)]
    found.sort(key=lambda cluster: -len(cluster.rows))
    return Clusters(tuple(found), tuple(np.flatnonzero(labels == NOISE).tolist()))


def dbscan(
    vectors: Floats, parameters: ClusterParameters, *, report: Report, pairs: int = BLOCK_PAIRS
) -> Indices:
    """Return a label per row, shape (n,), -1 for noise: those of scikit-learn's DBSCAN.

    A core has `min_samples` rows within `eps`; cores within `eps` of one another share a cluster;
    other rows join the first cluster that has a core within `eps`.
    """
    counts = _neighbour_counts(vectors, parameters.eps, report=report, pairs=pairs)
    is_core = counts >= parameters.min_samples
    cores, rest = np.flatnonzero(is_core), np.flatnonzero(~is_core & (counts > 1))
    labels = np.full(len(vectors), NOISE, dtype=np.int64)
    labels[cores] = neighbours.components(
        vectors[cores], parameters.eps, report=report, pairs=pairs
    )
    blocks = neighbours.distance_blocks(vectors[rest], vectors[cores], pairs=pairs)
    for rows, distances in blocks:
        labels[rest[rows]] = _first_label(distances <= parameters.eps, labels[cores])
        report(Step.JOINING, rows.stop / len(rest))
    return labels


def _neighbour_counts(vectors: Floats, eps: float, *, report: Report, pairs: int) -> Indices:
    counts = np.zeros(len(vectors), dtype=np.int64)
    for rows, distances in neighbours.distance_blocks(vectors, vectors, pairs=pairs):
        counts[rows] = np.count_nonzero(distances <= eps, axis=1)
        report(Step.COUNTING, rows.stop / len(vectors))
    return counts


def _first_label(near: neighbours.Near, labels: Indices) -> Indices:
    """Return the lowest of `labels` (n,) that each row of `near` (b, n) marks, -1 where none."""
    none = np.iinfo(np.int64).max
    lowest = np.where(near, labels, none).min(axis=1, initial=none)
    return np.where(lowest == none, NOISE, lowest)


def _members(labels: Indices) -> list[Indices]:
    """Return the rows of each label from 0 on, ascending."""
    order = np.argsort(labels, kind="stable")
    inside = order[labels[order] != NOISE]
    starts = np.flatnonzero(np.diff(labels[inside])) + 1
    return [rows for rows in np.split(inside, starts) if len(rows)]


def _cluster(vectors: Floats, rows: Indices) -> Cluster:
    """Return the cluster of `rows`; its centre is their mean, brought back to unit length."""
    centre = normalised(vectors[rows].mean(axis=0))
    distances = np.clip(1 - vectors[rows] @ centre, 0, 2)
    nearest = rows[np.argsort(distances, kind="stable")]
    return Cluster(tuple(nearest.tolist()), float(distances.mean()))
