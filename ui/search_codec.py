"""Questions to messages, and their answers back."""

from common import codec, errors
from common.samples import Kind
from semapix.v1 import filters_pb2, index_pb2, search_pb2, types_pb2
from ui import answers
from ui.filters import Filter, Span


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
        auto_threshold=query.auto_threshold,
        filter=None if query.filter == Filter() else _filter(query.filter),
        page_token=query.page_token,
        raw=query.raw,
    )


def answer_from(message: search_pb2.SearchResponse) -> answers.Answer:
    """Return the photos with what they were ranked by."""
    return answers.Answer(
        hits=tuple(codec.hit_from(hit) for hit in message.hits),
        revision=message.revision,
        weights=codec.weights_from(message.weights),
        queue_ms=message.timing.queue_ms,
        compute_ms=message.timing.compute_ms,
        truncated=message.truncated,
        thresholds={
            codec.kind_from(one.kind): answers.Threshold(one.score, one.background)
            for one in message.thresholds
        },
        next_page_token=message.next_page_token,
        understood=message.understood if message.HasField("understood") else None,
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


def _filter(wanted: Filter) -> filters_pb2.SearchFilter:
    read = filters_pb2.ReadText(text=wanted.read_text, fuzzy=wanted.fuzzy)
    return filters_pb2.SearchFilter(
        kinds=[int(kind) for kind in wanted.kinds],  # type: ignore[misc]
        labels=wanted.labels,
        taken=_span(wanted.taken),
        imported=_span(wanted.imported),
        formats=wanted.formats,
        cameras=wanted.cameras,
        read_text=read if wanted.read_text else None,
        orientation=int(wanted.orientation or 0),  # type: ignore[arg-type]
        min_long_side_px=wanted.min_long_side_px,
    )


def _span(span: Span) -> filters_pb2.TimeRange | None:
    if span == Span():
        return None
    return filters_pb2.TimeRange(from_s=span.from_s, until_s=span.until_s)
