"""Messages of the gateway to values and back; checks what callers send, naming the field."""

import math
from collections.abc import Mapping, Sequence

from common import codec, errors
from common.samples import Entry, Kind, Stage
from gateway.receiving import Imported, Piece
from gateway.reporting import Report
from gateway.searching import Answer, Question, Term
from gateway.services import Hit, Ranked
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import index_pb2 as index
from semapix.v1 import search_pb2
from semapix.v1 import types_pb2 as types

MAX_TERMS = 16
MAX_TEXT_CHARS = 10_000
MAX_IMAGE_BYTES = 64 * 2**20
MAX_LIMIT, DEFAULT_LIMIT = 1000, 20
MAX_OFFSET = 10_000
MAX_IDS = 1000


def piece_from(message: pb.ImportPhotosRequest) -> Piece:
    """Return the value."""
    return Piece(message.item, message.source, message.chunk, message.last)


def imported_to(imported: Imported) -> pb.ImportPhotosResponse:
    """Return the message."""
    return pb.ImportPhotosResponse(
        item=imported.item,
        source=imported.source,
        outcome=int(imported.outcome),  # type: ignore[arg-type]
        photo_id=imported.photo_id,
        reason=int(imported.reason),  # type: ignore[arg-type]
        message=sentence(imported.message),
        entry=imported.entry,
    )


def entry_from(message: index.Entry) -> Entry:
    """Return the value."""
    return Entry(
        codec.facts_from(message.facts),
        tuple(codec.sample_from(sample) for sample in message.samples),
        tuple(codec.stage_record_from(record) for record in message.stages),
    )


def photo_to(entry: Entry) -> pb.Photo:
    """Return the message."""
    return pb.Photo(
        facts=codec.facts_to(entry.facts),
        samples=[codec.sample_to(sample) for sample in entry.samples],
        stages=[codec.stage_record_to(record) for record in entry.stages],
    )


def ids_from(photo_ids: Sequence[str]) -> list[str]:
    """Return the ids. Raises InvalidInput for none, too many, or one that is no id."""
    _check_count("photo_ids", len(photo_ids), MAX_IDS)
    return [
        codec.checked_photo_id(photo_id, f"photo_ids[{number}]")
        for number, photo_id in enumerate(photo_ids)
    ]


def at_most(value: int, limit: int, *, field: str) -> int:
    """Return `value`. Raises InvalidInput if it is above `limit`."""
    if value > limit:
        raise errors.InvalidInput(field, f"{value:,} is more than {limit:,}")
    return value


def question_from(message: search_pb2.SearchRequest) -> Question:
    """Return the question. Raises InvalidInput naming the first field that is wrong."""
    _check_count("terms", len(message.terms), MAX_TERMS)
    terms = tuple(_term(term, f"terms[{number}]") for number, term in enumerate(message.terms))
    threshold = message.threshold if message.HasField("threshold") else None
    if threshold is not None:
        codec.share_from(threshold, "threshold")
    if message.aggregation not in index.Aggregation.values():
        raise errors.InvalidInput("aggregation", f"{message.aggregation} is not an aggregation")
    ranked = Ranked(
        weights=codec.weights_from(message.weights),
        limit=at_most(message.limit, MAX_LIMIT, field="limit") or DEFAULT_LIMIT,
        offset=at_most(message.offset, MAX_OFFSET, field="offset"),
        threshold=threshold,
        aggregation=message.aggregation,
        use_confidence=message.use_confidence,
    )
    return Question(terms, ranked)


def answer_to(answer: Answer) -> search_pb2.SearchResponse:
    """Return the message."""
    return search_pb2.SearchResponse(
        hits=[_hit(facts=codec.facts_to(facts), hit=hit) for facts, hit in answer.hits],
        revision=answer.revision,
        weights=_weights(answer.weights),
        timing=types.Timing(queue_ms=answer.spent.queue_ms, compute_ms=answer.spent.compute_ms),
        truncated=answer.truncated,
    )


def status_to(report: Report, *, version: str, original_bytes: int) -> pb.GetStatusResponse:
    """Return the message."""
    counts = report.counts
    return pb.GetStatusResponse(
        services=[
            pb.ServiceStatus(
                name=one.name, serving=not one.message, models=one.models, message=one.message
            )
            for one in report.services
        ],
        photos=counts.photos,
        samples=[
            index.KindCount(kind=int(kind), count=count)  # type: ignore[arg-type]
            for kind, count in sorted(counts.samples.items())
        ],
        pending=stage_counts(report.pending),
        revision=counts.revision,
        version=version,
        notices=report.notices,
        original_bytes=original_bytes,
        fingerprint=counts.fingerprint,
        failed=stage_counts(counts.failed),
        speeds=[
            pb.StageSpeed(
                stage=int(stage),  # type: ignore[arg-type]
                photos_per_s=per_s,
                remaining_s=report.pending[stage] / per_s,
            )
            for stage, per_s in sorted(report.speeds.items())
            if per_s and report.pending.get(stage)
        ],
    )


def _term(message: search_pb2.QueryTerm, field: str) -> Term:
    weight = message.weight if message.HasField("weight") else 1.0
    if not math.isfinite(weight) or weight == 0:
        raise errors.InvalidInput(f"{field}.weight", f"{weight} is not a finite number except 0")
    shape = message.WhichOneof("term")
    if shape == "text":
        return Term(field, weight, text=_text(message.text, f"{field}.text"))
    if shape == "image":
        return Term(field, weight, image=_image(message.image, f"{field}.image"))
    if shape == "photo_id":
        photo_id = codec.checked_photo_id(message.photo_id, f"{field}.photo_id")
        return Term(field, weight, photo_id=photo_id)
    if shape == "region":
        region, name = message.region, f"{field}.region"
        photo_id = codec.checked_photo_id(region.photo_id, f"{name}.photo_id")
        box = codec.box_from(region.box, f"{name}.box")
        return Term(field, weight, photo_id=photo_id, box=box)
    raise errors.InvalidInput(field, "is empty: give it a text, an image, a photo or a region")


def _text(text: str, field: str) -> str:
    if not text.strip():
        raise errors.InvalidInput(field, "is blank: write what to look for")
    at_most(len(text), MAX_TEXT_CHARS, field=field)
    return text


def _image(image: bytes, field: str) -> bytes:
    if not image:
        raise errors.InvalidInput(field, "has no bytes")
    at_most(len(image), MAX_IMAGE_BYTES, field=field)
    return image


def _check_count(field: str, count: int, limit: int) -> None:
    if not count:
        raise errors.InvalidInput(field, "is empty: send at least one")
    if count > limit:
        raise errors.InvalidInput(field, f"holds {count:,}, at most {limit:,} may be sent at once")


def sentence(message: str) -> str:
    """Return the message as a sentence."""
    ended = message if message.endswith((".", "!", "?")) or not message else f"{message}."
    return ended[:1].upper() + ended[1:]


def _hit(facts: types.PhotoFacts, hit: Hit) -> search_pb2.PhotoHit:
    return search_pb2.PhotoHit(
        facts=facts,
        rank_score=hit.rank_score,
        matches=[codec.match_to(match) for match in hit.matches],
    )


def _weights(weights: Mapping[Kind, float]) -> list[types.KindWeight]:
    return [
        types.KindWeight(kind=int(kind), weight=weight)  # type: ignore[arg-type]
        for kind, weight in weights.items()
    ]


def stage_counts(counts: Mapping[Stage, int]) -> list[index.StageCount]:
    """Return the messages, in the order of stages."""
    return [
        index.StageCount(stage=int(stage), count=count)  # type: ignore[arg-type]
        for stage, count in sorted(counts.items())
    ]
