"""Photos of made-up vectors, put straight into a library: no services and no pictures."""

import hashlib
from collections.abc import Mapping

from common import samples
from common.samples import Box, Kind, PhotoFacts, Sample, Stage, StageRecord
from common.vectors import Floats
from index_service.changes import Put, VectorSample
from index_service.library import Library

FINGERPRINT = "benchmark"
_MODEL = "benchmark"
_AT_ONCE = 256


def photo_id(number: int) -> str:
    """Return the id of a photo."""
    return hashlib.sha256(f"benchmark {number}".encode()).hexdigest()


def put(photo: int, items: Mapping[Kind, Floats]) -> Put:
    """Return a photo with one sample of each kind."""
    own = photo_id(photo)
    made = tuple(_sample(own, kind, vector) for kind, vector in items.items())
    stages = tuple(StageRecord(stage, _MODEL) for stage in Stage)
    facts = PhotoFacts(own, 640, 480, 100_000, "JPEG", (f"{photo}.jpg",), 1_700_000_000 + photo)
    return Put(facts, made, stages, FINGERPRINT)


def _sample(photo: str, kind: Kind, vector: Floats) -> VectorSample:
    whole = kind is Kind.PHOTO
    box = samples.WHOLE_PHOTO if whole else Box(0.1, 0.1, 0.5, 0.5)
    text = "word" if kind is Kind.TEXT else ""
    own = samples.sample_id(photo, kind, box, text)
    return VectorSample(Sample(own, photo, kind, "", box, 0.9, text), vector)


def fill(library: Library, vectors: Floats, kinds: tuple[Kind, ...]) -> None:
    """Put photos that have a sample of each of `kinds`, taking the vectors one after another."""
    step = len(kinds)
    for at in range(0, len(vectors) // step, _AT_ONCE):
        library.apply(
            [
                put(photo, dict(zip(kinds, vectors[photo * step :][:step], strict=True)))
                for photo in range(at, min(at + _AT_ONCE, len(vectors) // step))
            ]
        )
