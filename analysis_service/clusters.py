"""Clusters of samples, ordered for a person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis_service import dbscan, hdbscan, neighbours, suggestion
from analysis_service.dbscan import NOISE
from analysis_service.neighbours import Indices, Report
from analysis_service.specs import ClusterParameters, Method
from analysis_service.steps import Step
from analysis_service.suggestion import Suggestion
from common import errors
from common.vectors import Floats, normalised, pack

MOST_UNASKED = 20_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """Row numbers, nearest to the centre first, and their mean distance to it, in [0, 2].

    `centre` is little-endian float32 of unit length, `run` the place of its run; `cluster_id` is
    "" until it has been compared with earlier clusters.
    """

    rows: tuple[int, ...]
    spread: float
    centre: bytes = b""
    run: int = 0
    cluster_id: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What was clustered by itself: how many samples, how many are in none, their mean vector.

    `eps` made the clusters, 0 where it was not needed; `suggestion` is none where there were too
    many samples to make one unasked.
    """

    eps: float = 0.0
    suggestion: Suggestion | None = None
    samples: int = 0
    noise: int = 0
    mean: bytes = b""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters of the first run, largest first, then of the next; rows in none, ascending."""

    clusters: tuple[Cluster, ...]
    noise: tuple[int, ...]
    runs: tuple[Run, ...] = (Run(),)

    def by_id(self, cluster_id: str) -> tuple[int, Cluster]:
        """Return place and cluster. Raises NotFound."""
        for place, cluster in enumerate(self.clusters):
            if cluster_id and cluster.cluster_id == cluster_id:
                return place, cluster
        raise errors.NotFound(
            f"the analysis has no cluster {cluster_id[:80]!r}: take an id from its clusters"
        )


def find(
    vectors: Floats,
    parameters: ClusterParameters,
    *,
    report: Report,
    runs: Sequence[Indices] = (),
) -> Clusters:
    """Return the clusters of unit vectors of shape (n, d); clusters of one size keep row order.

    `runs` are rows that are clustered each by themselves; without any, all are in one.
    """
    parts = [_run(vectors[rows], parameters, report=report) for rows in runs]
    if not runs:
        return _run(vectors, parameters, report=report)
    found = [_at(part, rows, run) for run, (part, rows) in enumerate(zip(parts, runs, strict=True))]
    return Clusters(
        tuple(cluster for part in found for cluster in part.clusters),
        tuple(sorted(row for part in found for row in part.noise)),
        tuple(run for part in found for run in part.runs),
    )


def _at(found: Clusters, rows: Indices, run: int) -> Clusters:
    """Return what was found among `rows` with the row numbers of the whole."""
    clusters = (
        replace(cluster, rows=tuple(rows[list(cluster.rows)].tolist()), run=run)
        for cluster in found.clusters
    )
    return Clusters(tuple(clusters), tuple(rows[list(found.noise)].tolist()), found.runs)


def _run(vectors: Floats, parameters: ClusterParameters, *, report: Report) -> Clusters:
    """Return the clusters of vectors that can all be compared."""
    if parameters.method is Method.HDBSCAN:
        labels = hdbscan.labels(vectors, parameters.min_samples, report=report)
        return _ordered(vectors, labels, Run(), report=report)
    suggested = None
    if parameters.suggest or len(vectors) <= MOST_UNASKED:
        suggested = suggestion.suggest(vectors, parameters.min_samples, report=report)
    eps = suggested.eps if suggested and parameters.suggest else parameters.eps
    labels = dbscan.labels(vectors, eps, parameters.min_samples, report=report)
    return _ordered(vectors, labels, Run(eps, suggested), report=report)


def _ordered(vectors: Floats, labels: Indices, run: Run, *, report: Report) -> Clusters:
    """Return the clusters of labelled vectors, largest first, and what `run` was."""
    report(Step.MEASURING, 0.0)
    found = [_cluster(vectors, rows) for rows in neighbours.members(labels)]
    found.sort(key=lambda cluster: -len(cluster.rows))
    noise = tuple(np.flatnonzero(labels == NOISE).tolist())
    mean = pack(vectors.mean(axis=0)) if len(vectors) else b""
    run = replace(run, samples=len(vectors), noise=len(noise), mean=mean)
    return Clusters(tuple(found), noise, (run,))


def _cluster(vectors: Floats, rows: Indices) -> Cluster:
    """Return the cluster of `rows`; its centre is their mean, brought back to unit length."""
    centre = normalised(vectors[rows].mean(axis=0))
    distances = np.clip(1 - vectors[rows] @ centre, 0, 2)
    nearest = rows[np.argsort(distances, kind="stable")]
    return Cluster(tuple(nearest.tolist()), float(distances.mean()), pack(centre))
