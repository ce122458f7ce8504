"""The words of the house as values: kinds, stages, boxes, photos and samples."""

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum

from common import errors


class Kind(IntEnum):
    """What a sample shows; the numbers are those of the protos."""

    PHOTO = 1
    PERSON = 2
    VEHICLE = 3
    OUTDOORS = 4
    ANIMAL = 5
    SPORTS = 6
    OBJECT = 7
    TEXT = 8


class Stage(IntEnum):
    """One step of a photo's way in; the numbers are those of the protos."""

    WHOLE = 1
    DETECT = 2
    OCR = 3


class Reason(IntEnum):
    """What was wrong with a rejected photo; the numbers are those of the protos."""

    NONE = 0
    EMPTY = 1
    NOT_AN_IMAGE = 2
    DAMAGED = 3
    TOO_LARGE = 4
    INCOMPLETE = 5
    UNSAFE = 6
    ENCRYPTED = 7
    ARCHIVE_LIMIT = 8
    UNDECODABLE = 9


OBJECT_KINDS = (
    Kind.PERSON,
    Kind.VEHICLE,
    Kind.OUTDOORS,
    Kind.ANIMAL,
    Kind.SPORTS,
    Kind.OBJECT,
)


def stage_of(kind: Kind) -> Stage:
    """Return the stage that makes samples of `kind`."""
    if kind is Kind.PHOTO:
        return Stage.WHOLE
    return Stage.OCR if kind is Kind.TEXT else Stage.DETECT


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the upright photo, in shares of its width and height, each in [0, 1]."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Share of the photo that it covers, in [0, 1]."""
        return self.width * self.height

    def checked(self, name: str) -> "Box":
        """Return the box clipped to the photo. Raises InvalidInput if it is not one."""
        inside = 0 <= self.x < 1 and 0 <= self.y < 1 and self.width > 0 and self.height > 0
        if not inside or self.x + self.width > 1 + 1e-4 or self.y + self.height > 1 + 1e-4:
            raise errors.InvalidInput(name, f"{self} does not lie within the photo, 0 to 1")
        return Box(self.x, self.y, min(self.width, 1 - self.x), min(self.height, 1 - self.y))


WHOLE_PHOTO = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing that has a vector; `confidence` in [0, 1]."""

    sample_id: str
    photo_id: str
    kind: Kind
    label: str = ""
    box: Box = WHOLE_PHOTO
    confidence: float = 1.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A sample that answers a query: raw cosine, calibrated score, weight of its kind."""

    sample: Sample
    cosine: float
    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What the file of a photo tells of how it was taken; None or empty where it does not.

    `at_s` counts from 1970-01-01 UTC; without `offset_min`, the minutes that the camera's clock was
    ahead of UTC, the clock is read as if it showed UTC. Degrees are north and east, both or none.
    """

    at_s: int | None = None
    offset_min: int | None = None
    camera_make: str = ""
    camera_model: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What is known of a photo without looking at what it shows; pixels are upright.

    `perceptual_hash` has 16 hex digits and `pixel_hash` 32, or none for a photo imported before
    there were any; `sharpness` is the variance of the Laplacian of the brightness, at least 0.
    """

    photo_id: str
    width: int
    height: int
    bytes: int
    format: str
    sources: tuple[str, ...] = ()
    imported_at_s: int = 0
    taken: Taken = field(default_factory=Taken)
    perceptual_hash: str = ""
    pixel_hash: str = ""
    sharpness: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo that answers a query; `matches` best first, at most 10."""

    facts: PhotoFacts
    rank_score: float
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class StageRecord:
    """A stage that is over for a photo; `error` says why it could not be done."""

    stage: Stage
    model: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo with its samples and the stages that are over."""

    facts: PhotoFacts
    samples: tuple[Sample, ...] = field(default=())
    stages: tuple[StageRecord, ...] = field(default=())


def photo_id(original: bytes) -> str:
    """Return the id of a photo: the SHA-256 of its bytes, hex."""
    return hashlib.sha256(original).hexdigest()


def sample_id(photo: str, kind: Kind, box: Box, text: str = "") -> str:
    """Return the id of a sample, 32 hex digits; boxes are told apart to 1/10,000."""
    corners = (round(value * 10_000) for value in (box.x, box.y, box.width, box.height))
    key = "|".join((photo, kind.name, *map(str, corners), text))
    return hashlib.sha256(key.encode()).hexdigest()[:32]
