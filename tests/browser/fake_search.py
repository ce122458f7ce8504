"""How the fake library searches: what is named scores 0.9, whole photos 0.5 and less, in order.

Weights, thresholds, kinds and pages count as with the real one, so that a page shows their effect.
"""

from collections.abc import Iterable, Sequence

from common import codec
from common.samples import Kind, PhotoFacts, Sample
from semapix.v1 import filters_pb2, search_pb2
from semapix.v1 import types_pb2 as tpb

Photo = tuple[PhotoFacts, Sequence[Sample]]
NAMED, WHOLE, OTHER = 0.9, 0.5, 0.1
AUTOMATIC = 0.6
NONSENSE = "qwxz"


def answer(request: search_pb2.SearchRequest, photos: Iterable[Photo]) -> search_pb2.SearchResponse:
    """Return a page of the photos that pass, best first; the token is how many came before."""
    hits = [hit for hit in (_hit(request, *photo) for photo in photos) if hit.matches]
    hits.sort(key=lambda hit: -hit.rank_score)
    begins, size = int(request.page_token or 0), request.limit or 20
    ends = begins + size
    return search_pb2.SearchResponse(
        hits=hits[begins:ends],
        timing=tpb.Timing(compute_ms=7),
        next_page_token=str(ends) if ends < len(hits) else "",
        thresholds=_thresholds(request),
        understood=0.02 if any(term.text == NONSENSE for term in request.terms) else 1.0,
    )


def _thresholds(request: search_pb2.SearchRequest) -> list[filters_pb2.KindThreshold]:
    if not (request.auto_threshold or request.threshold):
        return []
    least = _least(request)
    background = 512 if request.auto_threshold else 0
    return [
        filters_pb2.KindThreshold(kind=int(kind), score=least, background=background)  # type: ignore[arg-type]
        for kind in (Kind.PHOTO, Kind.ANIMAL)
    ]


def _least(request: search_pb2.SearchRequest) -> float:
    return max(request.threshold, AUTOMATIC if request.auto_threshold else 0.0)


def _hit(
    request: search_pb2.SearchRequest, facts: PhotoFacts, samples: Sequence[Sample]
) -> tpb.PhotoHit:
    weights = {Kind(one.kind): one.weight for one in request.weights}
    matches = [_match(request, one, weights.get(one.kind, 1.0)) for one in samples]
    kept = [one for one in matches if one.weight and one.score >= _least(request)]
    if request.filter.kinds:
        kept = [one for one in kept if one.sample.kind in request.filter.kinds]
    kept.sort(key=lambda one: -one.score * one.weight)
    best = kept[0].score * kept[0].weight if kept else 0.0
    return tpb.PhotoHit(facts=codec.facts_to(facts), rank_score=best, matches=kept[:10])


def _match(request: search_pb2.SearchRequest, sample: Sample, weight: float) -> tpb.SampleMatch:
    words = f"{sample.label} {sample.text}".lower()
    named = any(term.text and term.text.lower() in words for term in request.terms)
    score = NAMED if named else WHOLE if sample.kind is Kind.PHOTO else OTHER
    return tpb.SampleMatch(
        sample=codec.sample_to(sample), cosine=0.3 * score, score=score, weight=weight
    )
