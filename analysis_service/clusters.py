"""Clusters of samples, ordered for a person."""

from dataclasses import dataclass

import numpy as np

from analysis_service import dbscan, suggestion
from analysis_service.dbscan import NOISE
from analysis_service.neighbours import Indices, Report
from analysis_service.specs import ClusterParameters
from analysis_service.steps import Step
from analysis_service.suggestion import Suggestion
from common.vectors import Floats, normalised

MOST_UNASKED = 20_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """Row numbers, nearest to the centre first, and their mean distance to it, in [0, 2]."""

    rows: tuple[int, ...]
    spread: float


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters, largest first, and the rows that are in none, ascending.

    `eps` made them; `suggestion` is none where there were too many samples to make one unasked.
    """

    clusters: tuple[Cluster, ...]
    noise: tuple[int, ...]
    eps: float = 0.0
    suggestion: Suggestion | None = None


def find(vectors: Floats, parameters: ClusterParameters, *, report: Report) -> Clusters:
    """Return the clusters of unit vectors of shape (n, d); clusters of one size keep row order."""
    suggested = None
    if parameters.suggest or len(vectors) <= MOST_UNASKED:
        suggested = suggestion.suggest(vectors, parameters.min_samples, report=report)
    eps = suggested.eps if suggested and parameters.suggest else parameters.eps
    labels = dbscan.labels(vectors, eps, parameters.min_samples, report=report)
    report(Step.MEASURING, 0.0)
    found = [_cluster(vectors, rows) for rows in _members(labels)]
    found.sort(key=lambda cluster: -len(cluster.rows))
    noise = tuple(np.flatnonzero(labels == NOISE).tolist())
    return Clusters(tuple(found), noise, eps, suggested)


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
