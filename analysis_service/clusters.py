"""Clusters of samples, ordered for a person."""

from dataclasses import dataclass

import numpy as np

from analysis_service import dbscan
from analysis_service.dbscan import NOISE
from analysis_service.neighbours import Indices, Report
from analysis_service.specs import ClusterParameters
from analysis_service.steps import Step
from common.vectors import Floats, normalised


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
    labels = dbscan.labels(vectors, parameters.eps, parameters.min_samples, report=report)
    report(Step.MEASURING, 0.0)
    found = [_cluster(vectors, rows) for rows in _members(labels)]
    found.sort(key=lambda cluster: -len(cluster.rows))
    return Clusters(tuple(found), tuple(np.flatnonzero(labels == NOISE).tolist()))


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
