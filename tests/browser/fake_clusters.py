"""Clusters of the fake library: a large one, a small one with a guessed name, one photo alone."""

import hashlib
from collections.abc import Mapping, Sequence

from common.samples import Kind
from semapix.v1 import analysis_pb2 as apb
from semapix.v1 import clusters_pb2 as cpb
from semapix.v1 import types_pb2 as tpb

SMALL = 4
GUESS = "dog"
SUGGESTED = 0.15


def answer(
    job: apb.Analysis, samples: Sequence[tpb.Sample], names: Mapping[str, str]
) -> apb.GetClustersResponse:
    """Return every sample in its cluster, a curve and a suggested distance."""
    large, small = list(samples[: -SMALL - 1]), list(samples[-SMALL - 1 : -1])
    found = [part for part in (large, small) if part]
    noise = list(samples[-1:])
    asked = job.spec.clusters
    eps = SUGGESTED if asked.suggest_eps else asked.eps
    count = len(samples)
    run = cpb.ClusterRun(
        kinds=[int(Kind.PHOTO)],  # type: ignore[list-item]
        eps=0 if asked.method == cpb.CLUSTER_METHOD_HDBSCAN else eps,
        suggested_eps=SUGGESTED,
        k_distances=[0.05 + 0.4 * (number / 99) ** 4 for number in range(100)],
        samples=count,
        noise=len(noise),
    )
    clusters = [_cluster(number, part, names) for number, part in enumerate(found)]
    return apb.GetClustersResponse(analysis=job, clusters=clusters, noise=noise, runs=[run])


def _cluster(number: int, samples: Sequence[tpb.Sample], names: Mapping[str, str]) -> cpb.Cluster:
    identity = hashlib.sha256(samples[0].sample_id.encode()).hexdigest()[:32]
    return cpb.Cluster(
        number=number,
        samples=samples,
        spread=0.1,
        cluster_id=identity,
        name=names.get(identity, ""),
        suggested_name=GUESS if number else "",
        size=len(samples),
    )


def cut(found: apb.GetClustersResponse, most: int) -> apb.GetClustersResponse:
    """Leave no more than `most` samples in each cluster, and in none; 0: all."""
    if most:
        for cluster in found.clusters:
            del cluster.samples[most:]
        del found.noise[most:]
    return found
