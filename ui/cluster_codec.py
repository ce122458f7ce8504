"""Clusters: messages to values and back."""

from common import codec
from semapix.v1 import analysis_pb2, clusters_pb2
from ui import analyses


def parameters_to(given: analyses.ClusterParameters) -> analysis_pb2.ClusterParameters:
    """Return the message."""
    return analysis_pb2.ClusterParameters(
        eps=given.eps,
        min_samples=given.min_samples,
        suggest_eps=given.suggest,
        method=int(given.method),  # type: ignore[arg-type]
    )


def parameters_from(message: analysis_pb2.ClusterParameters) -> analyses.ClusterParameters:
    """Return what was asked for; no method is DBSCAN."""
    method = analyses.ClusterMethod(message.method or analyses.ClusterMethod.DBSCAN)
    return analyses.ClusterParameters(message.eps, message.min_samples, message.suggest_eps, method)


def clustering_from(
    message: analysis_pb2.GetClustersResponse, analysis: analyses.Analysis
) -> analyses.Clustering:
    """Return the clusters and the noise."""
    return analyses.Clustering(
        analysis,
        tuple(map(cluster_from, message.clusters)),
        tuple(map(codec.sample_from, message.noise)),
        eps=message.eps,
        suggested_eps=message.suggested_eps,
        k_distances=tuple(message.k_distances),
        runs=tuple(map(_run, message.runs)),
    )


def cluster_from(message: clusters_pb2.Cluster) -> analyses.Cluster:
    """Return the cluster with the samples that came."""
    return analyses.Cluster(
        number=message.number,
        samples=tuple(map(codec.sample_from, message.samples)),
        spread=message.spread,
        cluster_id=message.cluster_id,
        name=message.name,
        suggested_name=message.suggested_name,
        size=message.size,
        run=message.run,
    )


def _run(message: clusters_pb2.ClusterRun) -> analyses.ClusterRun:
    return analyses.ClusterRun(
        kinds=tuple(map(codec.kind_from, message.kinds)),
        eps=message.eps,
        suggested_eps=message.suggested_eps,
        k_distances=tuple(message.k_distances),
        samples=message.samples,
        noise=message.noise,
    )
