"""Messages of the gateway to values and back."""

from collections.abc import Iterable
from typing import Any

from common import codec, errors
from common.samples import Entry, Kind, Reason, Stage
from semapix.v1 import analysis_pb2, gateway_pb2, index_pb2, search_pb2, types_pb2
from ui import analyses, answers


def request_from(query: answers.Query) -> search_pb2.SearchRequest:
    """Return the message. Raises InvalidInput for a term that is empty."""
    how = index_pb2.AGGREGATION_MEAN if query.mean else index_pb2.AGGREGATION_MAX
    return search_pb2.SearchRequest(
        terms=[_term(term, f"terms[{number}]") for number, term in enumerate(query.terms)],
        weights=[_weight(kind, weight) for kind, weight in query.weights.items()],
        limit=query.limit,
        offset=query.offset,
        threshold=query.threshold,
        aggregation=how,
        use_confidence=query.use_confidence,
    )


def _weight(kind: Kind, weight: float) -> types_pb2.KindWeight:
    return types_pb2.KindWeight(kind=int(kind), weight=weight)  # type: ignore[arg-type]


def _term(term: answers.Term, field: str) -> search_pb2.QueryTerm:
    if term.text:
        return search_pb2.QueryTerm(text=term.text, weight=term.weight)
    if term.image:
        return search_pb2.QueryTerm(image=term.image, weight=term.weight)
    if term.photo_id and term.box:
        region = types_pb2.PhotoRegion(photo_id=term.photo_id, box=codec.box_to(term.box))
        return search_pb2.QueryTerm(region=region, weight=term.weight)
    if term.photo_id:
        return search_pb2.QueryTerm(photo_id=term.photo_id, weight=term.weight)
    raise errors.InvalidInput(field, "is empty: give a text, a picture or a photo")


def answer_from(message: search_pb2.SearchResponse) -> answers.Answer:
    """Return the photos with what they were ranked by."""
    return answers.Answer(
        hits=tuple(_hit(hit) for hit in message.hits),
        revision=message.revision,
        weights=codec.weights_from(message.weights),
        queue_ms=message.timing.queue_ms,
        compute_ms=message.timing.compute_ms,
        truncated=message.truncated,
    )


def _hit(message: search_pb2.PhotoHit) -> answers.Hit:
    matches = tuple(codec.match_from(match) for match in message.matches)
    return answers.Hit(codec.facts_from(message.facts), message.rank_score, matches)


def imported_from(message: gateway_pb2.ImportPhotosResponse) -> answers.Imported:
    """Return the outcome of one photo."""
    return answers.Imported(
        item=message.item,
        source=message.source,
        outcome=answers.Outcome(message.outcome),
        photo_id=message.photo_id,
        reason=Reason(message.reason),
        message=message.message,
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
        notices=tuple(message.notices),
    )


def _by_stage(messages: Iterable[index_pb2.StageCount]) -> dict[Stage, int]:
    return {codec.stage_from(count.stage): count.count for count in messages}


def spec_from(parameters: analyses.Parameters, kinds: Iterable[Kind]) -> analysis_pb2.AnalysisSpec:
    """Return the message."""
    spec = analysis_pb2.AnalysisSpec(kinds=[int(kind) for kind in kinds])  # type: ignore[misc]
    match parameters:
        case analyses.ClusterParameters(eps, min_samples):
            spec.clusters.CopyFrom(analysis_pb2.ClusterParameters(eps=eps, min_samples=min_samples))
        case analyses.MapParameters(dimensions, perplexity, iterations, seed):
            spec.map.CopyFrom(
                analysis_pb2.MapParameters(
                    dimensions=dimensions, perplexity=perplexity, iterations=iterations, seed=seed
                )
            )
        case analyses.DuplicateParameters(min_cosine):
            spec.duplicates.CopyFrom(analysis_pb2.DuplicateParameters(min_cosine=min_cosine))
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
    )


def _parameters(spec: analysis_pb2.AnalysisSpec) -> analyses.Parameters:
    given: Any = getattr(spec, spec.WhichOneof("parameters") or "clusters")
    if isinstance(given, analysis_pb2.MapParameters):
        return analyses.MapParameters(
            given.dimensions, given.perplexity, given.iterations, given.seed
        )
    if isinstance(given, analysis_pb2.DuplicateParameters):
        return analyses.DuplicateParameters(given.min_cosine)
    return analyses.ClusterParameters(given.eps, given.min_samples)


def clustering_from(message: analysis_pb2.GetClustersResponse) -> analyses.Clustering:
    """Return the clusters and the noise."""
    clusters = (
        analyses.Cluster(c.number, tuple(codec.sample_from(s) for s in c.samples), c.spread)
        for c in message.clusters
    )
    noise = tuple(codec.sample_from(sample) for sample in message.noise)
    return analyses.Clustering(analysis_from(message.analysis), tuple(clusters), noise)


def map_from(message: analysis_pb2.GetMapResponse) -> analyses.PhotoMap:
    """Return the map."""
    points = (analyses.MapPoint(codec.sample_from(p.sample), p.x, p.y, p.z) for p in message.points)
    return analyses.PhotoMap(analysis_from(message.analysis), tuple(points))


def duplicates_from(message: analysis_pb2.GetDuplicatesResponse) -> analyses.Duplicates:
    """Return the groups."""
    groups = (analyses.DuplicateGroup(tuple(g.photo_ids), g.min_cosine) for g in message.groups)
    return analyses.Duplicates(analysis_from(message.analysis), tuple(groups))
