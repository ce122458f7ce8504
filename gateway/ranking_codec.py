"""Queries to messages of the index, and its rankings back."""

from common.calibration import Pair
from common.samples import Kind
from gateway.questions import Place, Ranked, Ranking, Threshold, VectorQuery
from gateway.services import Calibration, Spent
from semapix.v1 import filters_pb2 as filters
from semapix.v1 import index_pb2 as pb
from semapix.v1 import types_pb2 as types

# The same for all pairs, and rising: the order is that of the cosines.
_RAW = tuple(Calibration(int(pair), 1.0, 0.0) for pair in Pair)


def request_to(query: VectorQuery, ranked: Ranked) -> pb.SearchVectorsRequest:
    """Return the message."""
    after = ranked.after
    request = pb.SearchVectorsRequest(
        weights=[
            types.KindWeight(kind=int(kind), weight=weight)  # type: ignore[arg-type]
            for kind, weight in ranked.weights.items()
        ],
        limit=ranked.limit,
        offset=after.shown if after else ranked.offset,
        threshold=ranked.threshold,
        aggregation=ranked.aggregation,  # type: ignore[arg-type]
        use_confidence=ranked.use_confidence,
        auto_threshold=ranked.auto_threshold,
        filter=filters.SearchFilter.FromString(ranked.filter),
        after=pb.SearchCursor(rank=after.rank, photo_id=after.photo_id) if after else None,
    )
    request.MergeFrom(_vectors(query, raw=ranked.raw))
    return request


def ranking_from(message: pb.SearchVectorsResponse, ranked: Ranked) -> Ranking:
    """Return the ranking that answers `ranked`."""
    hits = tuple(hit.SerializeToString() for hit in message.hits)
    shown = len(hits) + (ranked.after.shown if ranked.after else ranked.offset)
    following = message.next
    return Ranking(
        hits,
        message.revision,
        Spent(message.timing.queue_ms, message.timing.compute_ms),
        tuple(Threshold(Kind(o.kind), o.score, o.background) for o in message.thresholds),
        Place(following.rank, following.photo_id, shown) if message.HasField("next") else None,
    )


def _vectors(query: VectorQuery, *, raw: bool) -> pb.SearchVectorsRequest:
    """Return what the vectors of a query and their encoder say."""
    if query.encoder is None:
        return pb.SearchVectorsRequest()
    return pb.SearchVectorsRequest(
        query=[
            pb.QueryVector(
                vector=types.Vector(values=one.vector),
                is_text=one.is_text,
                weight=one.weight,
                understood=None if raw else one.understood,
            )
            for one in query.vectors
        ],
        fingerprint=query.encoder.fingerprint,
        calibrations=[
            types.Calibration(pair=one.pair, slope=one.slope, offset=one.offset)  # type: ignore[arg-type]
            for one in (_RAW if raw else query.encoder.calibrations)
        ],
        exclude_photo_ids=query.excluded,
    )
