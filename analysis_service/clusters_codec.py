"""Messages of clusters to values and back."""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis_service.analyses import Analysis, Result
from analysis_service.clusters import Cluster, Clusters, Run
from analysis_service.specs import ClusterParameters, Method
from common import codec, errors
from common.samples import Kind, Sample
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import clusters_pb2, types_pb2

DEFAULT_SAMPLES = {Method.DBSCAN: 2, Method.HDBSCAN: 5}
MOST_CENTRES = 1_000
MAX_NAME = 100


def parameters_from(message: pb.ClusterParameters, field: str) -> ClusterParameters:
    """Return the checked parameters; 0 is the default. Raises InvalidInput below `field`."""
    try:
        method = Method(message.method or Method.DBSCAN)
    except ValueError:
        raise errors.InvalidInput(f"{field}.method", f"{message.method} is no method") from None
    return ClusterParameters(
        number(message.eps) or ClusterParameters().eps,
        message.min_samples or DEFAULT_SAMPLES[method],
        message.suggest_eps,
        method,
    ).checked(field)


def parameters_to(parameters: ClusterParameters) -> pb.ClusterParameters:
    """Return the message, with every default spelled out."""
    return pb.ClusterParameters(
        eps=parameters.eps,
        min_samples=parameters.min_samples,
        suggest_eps=parameters.suggest,
        method=int(parameters.method),  # type: ignore[arg-type]
    )


def name_from(request: pb.NameClusterRequest) -> str:
    """Return the name without blanks around it. Raises InvalidInput if it is none."""
    name = request.name.strip()
    if len(name) > MAX_NAME:
        raise errors.InvalidInput("name", f"has {len(name)} letters, at most {MAX_NAME} may be")
    if not all(letter.isprintable() for letter in name):
        raise errors.InvalidInput("name", f"{name!r} has letters that cannot be seen: leave it out")
    return name


def found_to(
    request: pb.GetClustersRequest,
    analysis: Analysis,
    result: Result,
    *,
    found: Clusters,
    names: Mapping[str, str],
) -> pb.GetClustersResponse:
    """Return the response without its analysis."""
    first = found.runs[0]
    most = request.most_samples or len(result.samples)
    with_centre = _largest(found) if request.with_centres else ()
    clusters = [
        cluster_to(number, cluster, names, samples=_samples_to(result.samples, cluster.rows[:most]))
        for number, cluster in enumerate(found.clusters)
    ]
    for place in with_centre:
        clusters[place].centre.values = found.clusters[place].centre
    return pb.GetClustersResponse(
        clusters=clusters,
        noise=_samples_to(result.samples, found.noise[:most]),
        eps=first.eps,
        suggested_eps=first.suggestion.eps if first.suggestion else 0.0,
        k_distances=first.suggestion.curve if first.suggestion else (),
        runs=[
            _run_to(run, kinds, with_mean=request.with_centres)
            for run, kinds in zip(found.runs, analysis.spec.runs, strict=True)
        ],
    )


def cluster_to(
    number: int,
    cluster: Cluster,
    names: Mapping[str, str],
    *,
    samples: Sequence[types_pb2.Sample] = (),
) -> clusters_pb2.Cluster:
    """Return the message."""
    return clusters_pb2.Cluster(
        number=number,
        samples=samples,
        spread=cluster.spread,
        cluster_id=cluster.cluster_id,
        name=names.get(cluster.cluster_id, ""),
        size=len(cluster.rows),
        run=cluster.run,
    )


def number(value: float) -> float:
    """Return the shortest number that is this float32: 0.2 is 0.2 and equals the default."""
    return float(str(np.float32(value)))


def _largest(found: Clusters) -> list[int]:
    """Return the places of the largest clusters."""
    places = sorted(range(len(found.clusters)), key=lambda at: -len(found.clusters[at].rows))
    return places[:MOST_CENTRES]


def _run_to(run: Run, kinds: Sequence[Kind], *, with_mean: bool) -> clusters_pb2.ClusterRun:
    return clusters_pb2.ClusterRun(
        kinds=[int(kind) for kind in kinds],  # type: ignore[misc]
        eps=run.eps,
        suggested_eps=run.suggestion.eps if run.suggestion else 0.0,
        k_distances=run.suggestion.curve if run.suggestion else (),
        samples=run.samples,
        noise=run.noise,
        mean=run.mean if with_mean else b"",
    )


def _samples_to(samples: Sequence[Sample], rows: Sequence[int]) -> list[types_pb2.Sample]:
    """Return the samples of `rows` in their order."""
    return [codec.sample_to(samples[row]) for row in rows]
