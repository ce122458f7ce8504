"""What keeping house answers: the trash, what is wrong, how far something is."""

from dataclasses import dataclass
from enum import IntEnum

from common.samples import PhotoFacts


@dataclass(frozen=True, slots=True)
class Trashed:
    """A photo in the trash, and when it got there, in seconds since 1970."""

    facts: PhotoFacts
    trashed_at_s: int


class Trouble(IntEnum):
    """What is wrong with a library; the numbers are those of the protos."""

    UNKNOWN = 0
    CATALOGUE = 1
    VECTOR = 2
    WHOLE = 3
    GRAPH = 4
    ORIGINAL_MISSING = 5
    ORIGINAL_DAMAGED = 6
    ORPHAN_ORIGINAL = 7
    ORPHAN_THUMBNAIL = 8
    ORPHAN_UPLOAD = 9
    ORPHAN_REFERENCE = 10
    ORPHAN_REJECTED = 11
    REFERENCE_STALE = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, by the id of a photo or the name of a file."""

    kind: Trouble
    id: str
    message: str
    repaired: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a check is within a step, and what it found just now."""

    step: str
    done: int
    total: int
    finding: Finding | None = None


class Scope(IntEnum):
    """How much of a library to clear; the numbers are those of the protos."""

    EVERYTHING = 1
    THUMBNAILS = 2


@dataclass(frozen=True, slots=True)
class CataloguePiece:
    """A piece of a copy of the catalogue, or ids of photos in it."""

    chunk: bytes
    photo_ids: tuple[str, ...]
    revision: int
