"""Values to messages and back; checks what strangers send, naming the field."""

import math
import re
from collections.abc import Iterable
from typing import Literal

from common import errors
from common.samples import Box, Hit, Kind, Match, PhotoFacts, Sample, Stage, StageRecord, Taken
from semapix.v1 import types_pb2 as pb

_PHOTO_ID = re.compile(r"[0-9a-f]{64}")
_SAMPLE_ID = re.compile(r"[0-9a-f]{32}")
# Seconds since 1970 that a calendar can show, a day from its ends for the offset.
_FIRST_S, _LAST_S, _MAX_OFFSET_MIN = -62_135_510_400, 253_402_214_400, 900
_PERCEPTUAL_HASH = re.compile(r"([0-9a-f]{16})?")
_PIXEL_HASH = re.compile(r"([0-9a-f]{32})?")


def checked_photo_id(text: str, field: str = "photo_id") -> str:
    """Return `text`. Raises InvalidInput unless it is 64 hex digits."""
    if not _PHOTO_ID.fullmatch(text):
        raise errors.InvalidInput(field, f"{text[:80]!r} is not 64 lower-case hex digits")
    return text


def kind_from(number: int, field: str = "kind") -> Kind:
    """Return the kind. Raises InvalidInput if it is unspecified or unknown."""
    try:
        return Kind(number)
    except ValueError:
        raise errors.InvalidInput(field, f"{number} is not a kind") from None


def stage_from(number: int, field: str = "stage") -> Stage:
    """Return the stage. Raises InvalidInput if it is unspecified or unknown."""
    try:
        return Stage(number)
    except ValueError:
        raise errors.InvalidInput(field, f"{number} is not a stage") from None


def box_to(box: Box) -> pb.Box:
    """Return the message."""
    return pb.Box(x=box.x, y=box.y, width=box.width, height=box.height)


def box_from(message: pb.Box, field: str = "box") -> Box:
    """Return the box, clipped. Raises InvalidInput unless it lies within the photo."""
    return Box(message.x, message.y, message.width, message.height).checked(field)


def share_from(value: float, field: str) -> float:
    """Return `value`. Raises InvalidInput unless it lies in [0, 1]."""
    if not 0 <= value <= 1:
        raise errors.InvalidInput(field, f"{value} is not between 0 and 1")
    return value


def sample_to(sample: Sample) -> pb.Sample:
    """Return the message."""
    return pb.Sample(
        sample_id=sample.sample_id,
        photo_id=sample.photo_id,
        kind=int(sample.kind),  # type: ignore[arg-type]
        label=sample.label,
        box=box_to(sample.box),
        confidence=sample.confidence,
        text=sample.text,
    )


def sample_from(message: pb.Sample, field: str = "sample") -> Sample:
    """Return the sample. Raises InvalidInput, naming the field below `field` that is wrong."""
    if not _SAMPLE_ID.fullmatch(message.sample_id):
        raise errors.InvalidInput(f"{field}.sample_id", "is not 32 lower-case hex digits")
    return Sample(
        sample_id=message.sample_id,
        photo_id=checked_photo_id(message.photo_id, f"{field}.photo_id"),
        kind=kind_from(message.kind, f"{field}.kind"),
        label=message.label,
        box=box_from(message.box, f"{field}.box"),
        confidence=share_from(message.confidence, f"{field}.confidence"),
        text=message.text,
    )


def match_to(match: Match) -> pb.SampleMatch:
    """Return the message."""
    return pb.SampleMatch(
        sample=sample_to(match.sample),
        cosine=match.cosine,
        score=match.score,
        weight=match.weight,
    )


def match_from(message: pb.SampleMatch, field: str = "match") -> Match:
    """Return the match. Raises InvalidInput for a sample that is none."""
    sample = sample_from(message.sample, f"{field}.sample")
    return Match(sample, message.cosine, message.score, message.weight)


def taken_to(taken: Taken) -> pb.Taken:
    """Return the message."""
    return pb.Taken(
        at_s=taken.at_s,
        offset_min=taken.offset_min,
        camera_make=taken.camera_make,
        camera_model=taken.camera_model,
        latitude=taken.latitude,
        longitude=taken.longitude,
    )


def taken_from(message: pb.Taken, field: str = "taken") -> Taken:
    """Return the value. Raises InvalidInput for a time or place that there is not."""
    north, east = (
        _place(message, field, "latitude", most=90),
        _place(message, field, "longitude", most=180),
    )
    if (north is None) != (east is None):
        raise errors.InvalidInput(field, "latitude and longitude are set together or not at all")
    if not _FIRST_S <= message.at_s <= _LAST_S:
        raise errors.InvalidInput(f"{field}.at_s", f"{message.at_s} is not in the years 1 to 9999")
    if abs(message.offset_min) > _MAX_OFFSET_MIN:
        complaint = f"{message.offset_min} is not in [-{_MAX_OFFSET_MIN}, {_MAX_OFFSET_MIN}]"
        raise errors.InvalidInput(f"{field}.offset_min", complaint)
    return Taken(
        at_s=message.at_s if message.HasField("at_s") else None,
        offset_min=message.offset_min if message.HasField("offset_min") else None,
        camera_make=message.camera_make,
        camera_model=message.camera_model,
        latitude=north,
        longitude=east,
    )


def _place(
    message: pb.Taken, field: str, name: Literal["latitude", "longitude"], *, most: int
) -> float | None:
    if not message.HasField(name):
        return None
    degrees = float(getattr(message, name))
    if not -most <= degrees <= most:
        raise errors.InvalidInput(f"{field}.{name}", f"{degrees} is not in [-{most}, {most}]")
    return degrees


def facts_to(facts: PhotoFacts) -> pb.PhotoFacts:
    """Return the message."""
    return pb.PhotoFacts(
        photo_id=facts.photo_id,
        width=facts.width,
        height=facts.height,
        bytes=facts.bytes,
        format=facts.format,
        sources=facts.sources,
        imported_at_s=facts.imported_at_s,
        taken=taken_to(facts.taken),
        perceptual_hash=facts.perceptual_hash,
        pixel_hash=facts.pixel_hash,
        sharpness=facts.sharpness,
    )


def facts_from(message: pb.PhotoFacts, field: str = "facts") -> PhotoFacts:
    """Return the facts. Raises InvalidInput for a bad id or hash, or a photo without pixels."""
    if not message.width or not message.height:
        raise errors.InvalidInput(f"{field}.width", "a photo has at least one pixel")
    if not _PERCEPTUAL_HASH.fullmatch(message.perceptual_hash):
        raise errors.InvalidInput(f"{field}.perceptual_hash", "is not 16 lower-case hex digits")
    if not _PIXEL_HASH.fullmatch(message.pixel_hash):
        raise errors.InvalidInput(f"{field}.pixel_hash", "is not 32 lower-case hex digits")
    if not 0 <= message.sharpness < math.inf:
        raise errors.InvalidInput(f"{field}.sharpness", f"{message.sharpness} is no variance")
    return PhotoFacts(
        photo_id=checked_photo_id(message.photo_id, f"{field}.photo_id"),
        width=message.width,
        height=message.height,
        bytes=message.bytes,
        format=message.format,
        sources=tuple(message.sources),
        imported_at_s=message.imported_at_s,
        taken=taken_from(message.taken, f"{field}.taken"),
        perceptual_hash=message.perceptual_hash,
        pixel_hash=message.pixel_hash,
        sharpness=message.sharpness,
    )


def stage_record_to(record: StageRecord) -> pb.StageRecord:
    """Return the message."""
    return pb.StageRecord(stage=int(record.stage), model=record.model, error=record.error)  # type: ignore[arg-type]


def stage_record_from(message: pb.StageRecord, field: str = "stage") -> StageRecord:
    """Return the record. Raises InvalidInput for an unknown stage."""
    return StageRecord(stage_from(message.stage, field), message.model, message.error)


def weights_from(messages: Iterable[pb.KindWeight], field: str = "weights") -> dict[Kind, float]:
    """Return the weight of each kind named. Raises InvalidInput for a negative or infinite one."""
    weights: dict[Kind, float] = {}
    for number, message in enumerate(messages):
        kind = kind_from(message.kind, f"{field}[{number}].kind")
        if not math.isfinite(message.weight) or message.weight < 0:
            raise errors.InvalidInput(
                f"{field}[{number}].weight",
                f"{message.weight} is not a finite number of at least 0",
            )
        weights[kind] = message.weight
    return weights


def hit_to(hit: Hit) -> pb.PhotoHit:
    """Return the message."""
    return pb.PhotoHit(
        facts=facts_to(hit.facts),
        rank_score=hit.rank_score,
        matches=[match_to(match) for match in hit.matches],
    )


def hit_from(message: pb.PhotoHit) -> Hit:
    """Return the hit. Raises InvalidInput for a photo or sample that is none."""
    matches = tuple(match_from(match) for match in message.matches)
    return Hit(facts_from(message.facts), message.rank_score, matches)
