"""Messages of the analysis service to values and back."""

from analysis_service import clusters_codec, duplicates_codec, specs
from analysis_service.analyses import Analysis
from analysis_service.placing import PlacedMap
from analysis_service.specs import (
    ClusterParameters,
    DuplicateParameters,
    MapParameters,
    Parameters,
    Spec,
)
from analysis_service.staleness import Age
from common import codec, errors
from semapix.v1 import analysis_pb2 as pb


def spec_from(message: pb.AnalysisSpec, field: str = "spec") -> Spec:
    """Return the spec, defaults filled in. Raises InvalidInput, naming a field below `field`."""
    kinds = [
        codec.kind_from(number, f"{field}.kinds[{place}]")
        for place, number in enumerate(message.kinds)
    ]
    return specs.spec(_parameters_from(message, field), kinds, field=field)


def spec_to(spec: Spec) -> pb.AnalysisSpec:
    """Return the message, with every default spelled out."""
    message = pb.AnalysisSpec(kinds=[int(kind) for kind in spec.kinds])  # type: ignore[misc]
    match spec.parameters:
        case ClusterParameters():
            message.clusters.CopyFrom(clusters_codec.parameters_to(spec.parameters))
        case MapParameters(dimensions, perplexity, iterations, seed, pca_only):
            message.map.CopyFrom(
                pb.MapParameters(
                    dimensions=dimensions,
                    perplexity=perplexity,
                    iterations=iterations,
                    seed=seed,
                    pca_only=pca_only,
                )
            )
        case DuplicateParameters():
            message.duplicates.CopyFrom(duplicates_codec.parameters_to(spec.parameters))
    return message


def analysis_to(analysis: Analysis, age: Age) -> pb.Analysis:
    """Return the message."""
    return pb.Analysis(
        analysis_id=analysis.analysis_id,
        spec=spec_to(analysis.spec),
        state=int(analysis.state),  # type: ignore[arg-type]
        progress=analysis.progress,
        step=analysis.step,
        revision=analysis.library.revision,
        fingerprint=analysis.library.fingerprint,
        samples=analysis.samples,
        started_at_s=analysis.started_at_s,
        ended_at_s=analysis.ended_at_s,
        error=analysis.error,
        stale=age.stale,
        added=age.added,
        removed=age.removed,
    )


def points_to(placed: PlacedMap) -> list[pb.MapPoint]:
    """Return a point per sample, in the order of the samples."""
    places, approximate = placed.points.tolist(), placed.approximate.tolist()
    return [
        pb.MapPoint(sample=codec.sample_to(sample), x=x, y=y, z=z, approximate=near)
        for sample, (x, y, z), near in zip(placed.samples, places, approximate, strict=True)
    ]


def _parameters_from(message: pb.AnalysisSpec, field: str) -> Parameters:
    """Return the checked parameters; 0 is the default."""
    match message.WhichOneof("parameters"):
        case "clusters":
            return clusters_codec.parameters_from(message.clusters, f"{field}.clusters")
        case "map":
            return _map_from(message.map).checked(f"{field}.map")
        case "duplicates":
            return duplicates_codec.parameters_from(message.duplicates, f"{field}.duplicates")
    raise errors.InvalidInput(field, "names no parameters: set clusters, map or duplicates")


def _map_from(message: pb.MapParameters) -> MapParameters:
    default = MapParameters()
    return MapParameters(
        message.dimensions or default.dimensions,
        clusters_codec.number(message.perplexity) or default.perplexity,
        message.iterations or default.iterations,
        message.seed,
        message.pca_only,
    )
