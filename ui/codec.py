"""Messages of the gateway to values and back."""

from collections.abc import Iterable
from typing import Any

from common import codec
from common.samples import Entry, Kind, Reason, Stage
from semapix.v1 import analysis_pb2, duplicates_pb2, gateway_pb2, index_pb2
from ui import analyses, answers, cluster_codec, duplicates_codec


def imported_from(message: gateway_pb2.ImportPhotosResponse) -> answers.Imported:
    """Return the outcome of one photo."""
    return answers.Imported(
        item=message.item,
        source=message.source,
        outcome=answers.Outcome(message.outcome),
        photo_id=message.photo_id,
        reason=Reason(message.reason),
        message=message.message,
        entry=message.entry,
    )


def photo_from(message: gateway_pb2.Photo) -> Entry:
    """Return the photo."""
    return Entry(
        facts=codec.facts_from(message.facts),
        samples=tuple(codec.sample_from(sample) for sample in message.samples),
        stages=tuple(codec.stage_record_from(stage) for stage in message.stages),
    )


def page_from(message: gateway_pb2.ListPhotosResponse) -> answers.Page:
    """Return one page of photos."""
    photos = tuple(photo_from(photo) for photo in message.photos)
    return answers.Page(photos, message.next_page_token, message.total)


def status_from(message: gateway_pb2.GetStatusResponse) -> answers.Status:
    """Return health and counts."""
    return answers.Status(
        services=tuple(
            answers.ServiceState(s.name, s.serving, tuple(s.models), s.message)
            for s in message.services
        ),
        photos=message.photos,
        samples={codec.kind_from(count.kind): count.count for count in message.samples},
        pending=_by_stage(message.pending),
        failed=_by_stage(message.failed),
        revision=message.revision,
        version=message.version,
        fingerprint=message.fingerprint,
        original_bytes=message.original_bytes,
        index_bytes=message.index_bytes,
        free_bytes=message.free_bytes,
        notices=tuple(message.notices),
        speeds={
            codec.stage_from(one.stage): answers.StageSpeed(one.photos_per_s, one.remaining_s)
            for one in message.speeds
        },
    )


def _by_stage(messages: Iterable[index_pb2.StageCount]) -> dict[Stage, int]:
    return {codec.stage_from(count.stage): count.count for count in messages}


def spec_from(parameters: analyses.Parameters, kinds: Iterable[Kind]) -> analysis_pb2.AnalysisSpec:
    """Return the message."""
    spec = analysis_pb2.AnalysisSpec(kinds=[int(kind) for kind in kinds])  # type: ignore[misc]
    match parameters:
        case analyses.ClusterParameters():
            spec.clusters.CopyFrom(cluster_codec.parameters_to(parameters))
        case analyses.MapParameters(dimensions, perplexity, iterations, seed, pca_only):
            spec.map.CopyFrom(
                analysis_pb2.MapParameters(
                    dimensions=dimensions,
                    perplexity=perplexity,
                    iterations=iterations,
                    seed=seed,
                    pca_only=pca_only,
                )
            )
        case analyses.DuplicateParameters():
            spec.duplicates.CopyFrom(duplicates_codec.parameters_to(parameters))
    return spec


def analysis_from(message: analysis_pb2.Analysis) -> analyses.Analysis:
    """Return the job. Raises InvalidInput for a state that this version does not know."""
    return analyses.Analysis(
        analysis_id=message.analysis_id,
        parameters=_parameters(message.spec),
        kinds=tuple(codec.kind_from(kind) for kind in message.spec.kinds),
        state=analyses.AnalysisState(message.state),
        progress=message.progress,
        step=message.step,
        revision=message.revision,
        samples=message.samples,
        started_at_s=message.started_at_s,
        ended_at_s=message.ended_at_s,
        error=message.error,
        stale=message.stale,
        added=message.added,
        removed=message.removed,
    )


def _parameters(spec: analysis_pb2.AnalysisSpec) -> analyses.Parameters:
    given: Any = getattr(spec, spec.WhichOneof("parameters") or "clusters")
    if isinstance(given, analysis_pb2.MapParameters):
        return analyses.MapParameters(
            given.dimensions,
            given.perplexity,
            given.iterations,
            given.seed,
            given.pca_only,
        )
    if isinstance(given, duplicates_pb2.DuplicateParameters):
        return duplicates_codec.parameters_from(given)
    return cluster_codec.parameters_from(given)


def map_from(message: analysis_pb2.GetMapResponse) -> analyses.PhotoMap:
    """Return the map."""
    points = (
        analyses.MapPoint(codec.sample_from(p.sample), p.x, p.y, p.z, p.approximate)
        for p in message.points
    )
    return analyses.PhotoMap(analysis_from(message.analysis), tuple(points))
