"""Small values that several tests of the index need."""

import hashlib
from collections.abc import Sequence

import numpy as np

from common import samples
from common.samples import Box, Kind, PhotoFacts, Sample, Stage, StageRecord, stage_of
from common.vectors import Floats
from index_service.changes import Put, VectorSample

FINGERPRINT = "model-1"
DIMENSION = 16


def photo_id(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def unit(seed: int, dimension: int = DIMENSION) -> Floats:
    vector = np.random.default_rng(seed).standard_normal(dimension)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def facts(number: int, *, imported_at_s: int | None = None, source: str = "") -> PhotoFacts:
    at = number if imported_at_s is None else imported_at_s
    return PhotoFacts(photo_id(number), 40, 30, 1_000, "JPEG", (source,) if source else (), at)


def sample(photo: int, kind: Kind, place: int = 0, *, confidence: float = 1.0) -> Sample:
    whole = kind is Kind.PHOTO
    box = samples.WHOLE_PHOTO if whole else Box(place / 100, 0.0, 0.25, 0.5)
    text = f"word {place}" if kind is Kind.TEXT else ""
    own = samples.sample_id(photo_id(photo), kind, box, text)
    return Sample(own, photo_id(photo), kind, "", box, confidence, text)


def put(
    number: int,
    items: Sequence[VectorSample] | None = None,
    *,
    stages: Sequence[StageRecord] | None = None,
    photo: PhotoFacts | None = None,
    fingerprint: str = FINGERPRINT,
) -> Put:
    """Return a put of photo `number`: without `items` its PHOTO sample, vector `unit(number)`."""
    if items is None:
        items = [VectorSample(sample(number, Kind.PHOTO), unit(number))]
    if stages is None:
        named = sorted({Stage.WHOLE, *(stage_of(item.sample.kind) for item in items)})
        stages = [StageRecord(stage, "model") for stage in named]
    return Put(photo or facts(number), tuple(items), tuple(stages), fingerprint)


def texts(photo: int, count: int, *, first: int = 0) -> list[VectorSample]:
    """Return TEXT samples with vectors of their own."""
    places = range(first, first + count)
    return [
        VectorSample(sample(photo, Kind.TEXT, at), unit(1_000 * (photo + 1) + at)) for at in places
    ]
