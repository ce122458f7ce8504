"""Messages of a search to a wish, and the photos that answer it to messages."""

import math
from collections.abc import Sequence

from common import codec, errors, vectors
from common.calibration import Calibration, Pair
from common.samples import Kind
from index_service.candidates import Wish
from index_service.codec import at_most, counted
from index_service.library import PhotoMatch
from index_service.scoring import Part, directions
from semapix.v1 import index_pb2 as pb
from semapix.v1 import types_pb2 as types

MAX_PARTS = 64
MAX_LIMIT, DEFAULT_LIMIT = 1_000, 20
MAX_OFFSET = 10_000
MAX_EXCLUDED = 10_000


def wish_from(
    request: pb.SearchVectorsRequest, *, dimension: int, excluded: frozenset[int]
) -> Wish:
    """Return what is asked for. Raises InvalidInput; 0 as dimension is any, the same for all."""
    return Wish(
        query=directions(_parts_from(request.query, dimension)),
        weights=_weights_from(request.weights),
        limit=at_most(request.limit, "limit", most=MAX_LIMIT) or DEFAULT_LIMIT,
        offset=at_most(request.offset, "offset", most=MAX_OFFSET),
        threshold=_threshold_from(request),
        mean=_is_mean(request.aggregation),
        use_confidence=request.use_confidence,
        calibrations=_calibrations_from(request.calibrations),
        excluded=excluded,
    )


def excluded_from(request: pb.SearchVectorsRequest) -> list[str]:
    """Return the ids of the photos to leave out. Raises InvalidInput."""
    field = "exclude_photo_ids"
    counted(request.exclude_photo_ids, field, most=MAX_EXCLUDED, least=0)
    ids = enumerate(request.exclude_photo_ids)
    return [codec.checked_photo_id(photo_id, f"{field}[{at}]") for at, photo_id in ids]


def _parts_from(messages: Sequence[pb.QueryVector], dimension: int) -> list[Part]:
    counted(messages, "query", most=MAX_PARTS)
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
        parts.append(Part(vector, message.is_text, message.weight))
    return parts


def _weights_from(messages: Sequence[types.KindWeight]) -> dict[Kind, float]:
    weights = codec.weights_from(messages)
    if not any(weights.values()):
        raise errors.InvalidInput("weights", "no kind has a positive weight: nothing can be found")
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


def photo_match_to(match: PhotoMatch) -> pb.EntryMatch:
    """Return the message."""
    samples = [codec.match_to(sample) for sample in match.samples]
    return pb.EntryMatch(photo_id=match.photo_id, rank_score=match.rank, samples=samples)
