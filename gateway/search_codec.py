"""Messages of searches to questions, answers to messages; checks what callers send."""

import hashlib
import math
from collections.abc import Mapping

from common import codec, errors, vectors
from common.samples import Kind
from gateway import page_tokens, query_texts
from gateway.codec import at_most
from gateway.questions import Answer, Question, Ranked, RawVector, Term
from semapix.v1 import filters_pb2 as filters
from semapix.v1 import index_pb2 as index
from semapix.v1 import search_pb2 as pb
from semapix.v1 import types_pb2 as types

MAX_TERMS = 16
MAX_TEXT_CHARS = 10_000
MAX_IMAGE_BYTES = 64 * 2**20
MAX_LIMIT, DEFAULT_LIMIT = 1000, 20
MAX_OFFSET = 10_000
_DIGITS = 16


def question_from(message: pb.SearchRequest) -> Question:
    """Return the question. Raises InvalidInput naming the first field that is wrong."""
    if not message.terms and not message.filter.ByteSize():
        raise errors.InvalidInput("terms", "is empty: send at least one, or a filter")
    at_most(len(message.terms), MAX_TERMS, field="terms")
    terms = tuple(_term(term, f"terms[{number}]") for number, term in enumerate(message.terms))
    return Question(terms, _ranked(message))


def answer_to(answer: Answer, question: pb.SearchRequest) -> pb.SearchResponse:
    """Return the message."""
    ranking, spent = answer.ranking, answer.spent
    token = ""
    if ranking.next:
        token = page_tokens.token(_digest(question), ranking.revision, ranking.next)
    return pb.SearchResponse(
        hits=[types.PhotoHit.FromString(hit) for hit in ranking.hits],
        revision=ranking.revision,
        weights=_weights(answer.weights),
        timing=types.Timing(queue_ms=spent.queue_ms, compute_ms=spent.compute_ms),
        truncated=answer.truncated,
        understood=answer.understood,
        thresholds=[
            filters.KindThreshold(
                kind=int(one.kind),  # type: ignore[arg-type]
                score=one.score,
                background=one.background,
            )
            for one in ranking.thresholds
        ],
        next_page_token=token,
    )


def _ranked(message: pb.SearchRequest) -> Ranked:
    threshold = message.threshold if message.HasField("threshold") else None
    if threshold is not None:
        codec.share_from(threshold, "threshold")
    if message.aggregation not in index.Aggregation.values():
        raise errors.InvalidInput("aggregation", f"{message.aggregation} is not an aggregation")
    token = message.page_token
    if token and message.offset:
        raise errors.InvalidInput("offset", "goes without page_token: leave one of them out")
    return Ranked(
        weights=codec.weights_from(message.weights),
        limit=at_most(message.limit, MAX_LIMIT, field="limit") or DEFAULT_LIMIT,
        offset=at_most(message.offset, MAX_OFFSET, field="offset"),
        threshold=threshold,
        auto_threshold=message.auto_threshold,
        aggregation=message.aggregation,
        use_confidence=message.use_confidence,
        raw=message.raw,
        filter=message.filter.SerializeToString(),
        after=page_tokens.place_of(token, _digest(message)) if token else None,
    )


def _digest(message: pb.SearchRequest) -> str:
    """Return what tells questions apart, whatever page of their answer they ask for."""
    question = pb.SearchRequest()
    question.CopyFrom(message)
    for field in ("page_token", "limit", "offset"):
        question.ClearField(field)
    return hashlib.sha256(question.SerializeToString(deterministic=True)).hexdigest()[:_DIGITS]


def _term(message: pb.QueryTerm, field: str) -> Term:
    weight = message.weight if message.HasField("weight") else 1.0
    if not math.isfinite(weight) or weight == 0:
        raise errors.InvalidInput(f"{field}.weight", f"{weight} is not a finite number except 0")
    match message.WhichOneof("term"):
        case "text":
            return Term(field, weight, text=_text(message.text, f"{field}.text"))
        case "image":
            return Term(field, weight, image=_image(message.image, f"{field}.image"))
        case "photo_id":
            photo_id = codec.checked_photo_id(message.photo_id, f"{field}.photo_id")
            return Term(field, weight, photo_id=photo_id)
        case "region":
            region, name = message.region, f"{field}.region"
            photo_id = codec.checked_photo_id(region.photo_id, f"{name}.photo_id")
            box = codec.box_from(region.box, f"{name}.box")
            return Term(field, weight, photo_id=photo_id, box=box)
        case "embedding":
            return Term(field, weight, raw=_raw(message.embedding, f"{field}.embedding"))
    raise errors.InvalidInput(
        field, "is empty: give it a text, an image, a photo, a region or an embedding"
    )


def _text(text: str, field: str) -> str:
    at_most(len(text), MAX_TEXT_CHARS, field=field)
    return query_texts.checked(text, field)


def _image(image: bytes, field: str) -> bytes:
    if not image:
        raise errors.InvalidInput(field, "has no bytes")
    at_most(len(image), MAX_IMAGE_BYTES, field=field)
    return image


def _raw(message: pb.QueryEmbedding, field: str) -> RawVector:
    if not message.fingerprint:
        raise errors.InvalidInput(f"{field}.fingerprint", "is empty: name the vector's model")
    vectors.unpack(message.vector.values, field=f"{field}.vector")
    return RawVector(message.vector.values, message.fingerprint, message.is_text)


def _weights(weights: Mapping[Kind, float]) -> list[types.KindWeight]:
    return [
        types.KindWeight(kind=int(kind), weight=weight)  # type: ignore[arg-type]
        for kind, weight in weights.items()
    ]
