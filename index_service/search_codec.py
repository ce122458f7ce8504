"""Messages of a search to what is asked, and the photos that answer it to messages."""

import math
from collections.abc import Sequence

from common import codec, errors, vectors
from common.calibration import Calibration, Pair
from common.samples import Kind
from index_service.candidates import Wish
from index_service.codec import at_most, counted
from index_service.filter_codec import filter_from
from index_service.filters import Filter
from index_service.scoring import Part, directions
from index_service.searching import Found, Place, Search
from semapix.v1 import filters_pb2 as filters
from semapix.v1 import index_pb2 as pb
from semapix.v1 import types_pb2 as types

MAX_PARTS = 64
MAX_LIMIT, DEFAULT_LIMIT = 1_000, 20
MAX_OFFSET, MAX_HINT = 10_000, 1_000_000
MAX_EXCLUDED = 10_000


def search_from(
    request: pb.SearchVectorsRequest, *, dimension: int, excluded: frozenset[int]
) -> Search:
    """Return what is asked for. Raises InvalidInput; 0 as dimension is any, the same for all."""
    wanted = filter_from(request.filter)
    if not request.query and not wanted.is_set:
        raise errors.InvalidInput("query", "is empty: send at least one, or a filter")
    wish = _wish_from(request, wanted, dimension=dimension, excluded=excluded)
    after = _place_from(request) if request.HasField("after") else None
    return Search(
        wish=wish if request.query else None,
        limit=wish.limit,
        offset=_offset_from(request, after),
        auto=request.auto_threshold,
        filter=wanted,
        after=after,
    )


def _wish_from(
    request: pb.SearchVectorsRequest,
    wanted: Filter,
    *,
    dimension: int,
    excluded: frozenset[int],
) -> Wish:
    return Wish(
        query=directions(_parts_from(request.query, dimension)),
        weights=_weights_from(request, wanted),
        limit=at_most(request.limit, "limit", most=MAX_LIMIT) or DEFAULT_LIMIT,
        threshold=_threshold_from(request),
        mean=_is_mean(request.aggregation),
        use_confidence=request.use_confidence,
        calibrations=_calibrations_from(request.calibrations),
        excluded=excluded,
    )


def _offset_from(request: pb.SearchVectorsRequest, after: Place | None) -> int:
    if after:
        return min(request.offset, MAX_HINT)
    return at_most(request.offset, "offset", most=MAX_OFFSET)


def _place_from(request: pb.SearchVectorsRequest) -> Place:
    if not math.isfinite(request.after.rank):
        raise errors.InvalidInput("after.rank", f"{request.after.rank} is not finite")
    photo_id = codec.checked_photo_id(request.after.photo_id, "after.photo_id")
    return Place(request.after.rank, photo_id)


def excluded_from(request: pb.SearchVectorsRequest) -> list[str]:
    """Return the ids of the photos to leave out. Raises InvalidInput."""
    field = "exclude_photo_ids"
    counted(request.exclude_photo_ids, field, most=MAX_EXCLUDED, least=0)
    ids = enumerate(request.exclude_photo_ids)
    return [codec.checked_photo_id(photo_id, f"{field}[{at}]") for at, photo_id in ids]


def _parts_from(messages: Sequence[pb.QueryVector], dimension: int) -> list[Part]:
    counted(messages, "query", most=MAX_PARTS, least=0)
    parts: list[Part] = []
    for at, message in enumerate(messages):
        if not math.isfinite(message.weight) or message.weight == 0:
            raise errors.InvalidInput(
                f"query[{at}].weight", f"{message.weight} is not a finite number other than 0"
            )
        expected = dimension or (len(parts[0].vector) if parts else None)
        vector = vectors.unpack(
            message.vector.values, dimension=expected, field=f"query[{at}].vector"
        )
        understood = _understood_from(message, f"query[{at}].understood")
        parts.append(Part(vector, message.is_text, message.weight, understood))
    return parts


def _understood_from(message: pb.QueryVector, field: str) -> float:
    return codec.share_from(message.understood, field) if message.HasField("understood") else 1.0


def _weights_from(request: pb.SearchVectorsRequest, wanted: Filter) -> dict[Kind, float]:
    """Return the weights of the kinds that the filter lets through."""
    weights = codec.weights_from(request.weights)
    if request.query and not any(weights.values()):
        raise errors.InvalidInput("weights", "no kind has a positive weight: nothing can be found")
    if wanted.kinds:
        weights = {kind: weight for kind, weight in weights.items() if kind in wanted.kinds}
    if request.query and not any(weights.values()):
        raise errors.InvalidInput("filter.kinds", "leave no kind that has a positive weight")
    return weights


def _threshold_from(request: pb.SearchVectorsRequest) -> float | None:
    if not request.HasField("threshold"):
        return None
    return codec.share_from(request.threshold, "threshold")


def _is_mean(aggregation: int) -> bool:
    if aggregation not in pb.Aggregation.values():
        raise errors.InvalidInput("aggregation", f"{aggregation} is not an aggregation")
    return aggregation == pb.AGGREGATION_MEAN


def _calibrations_from(messages: Sequence[types.Calibration]) -> dict[Pair, Calibration]:
    found: dict[Pair, Calibration] = {}
    for at, message in enumerate(messages):
        path = f"calibrations[{at}]"
        if int(message.pair) not in list(Pair):
            raise errors.InvalidInput(f"{path}.pair", f"{message.pair} is not a pair of modalities")
        if not (math.isfinite(message.slope) and message.slope > 0):
            raise errors.InvalidInput(f"{path}.slope", f"{message.slope} is not positive")
        if not math.isfinite(message.offset):
            raise errors.InvalidInput(f"{path}.offset", f"{message.offset} is not finite")
        found[Pair(message.pair)] = Calibration(message.slope, message.offset)
    return found


def found_to(found: Found, *, revision: int, timing: types.Timing) -> pb.SearchVectorsResponse:
    """Return the message."""
    following = found.next
    return pb.SearchVectorsResponse(
        hits=[codec.hit_to(hit) for hit in found.hits],
        revision=revision,
        timing=timing,
        thresholds=[
            filters.KindThreshold(
                kind=int(kind),  # type: ignore[arg-type]
                score=cut.score,
                background=cut.background,
            )
            for kind, cut in found.cuts.items()
        ],
        next=pb.SearchCursor(rank=following.rank, photo_id=following.photo_id)
        if following
        else None,
    )
