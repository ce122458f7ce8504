"""What the gateway expects of the index for keeping house, as values and Protocols."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Protocol

from common import errors
from common.samples import PhotoFacts


@dataclass(frozen=True, slots=True)
class Trashed:
    """A photo in the trash, and when it got there, in seconds since 1970."""

    facts: PhotoFacts
    trashed_at_s: int


@dataclass(frozen=True, slots=True)
class TrashPage:
    """Part of the trash by rising photo id; an empty `next_token` ends it."""

    photos: tuple[Trashed, ...]
    next_token: str
    total: int


Results = list[errors.SemapixError | None]


class Trash(Protocol):
    """Photos that were removed and can come back. Each raises Unavailable without the index."""

    async def trash(self, photo_ids: Sequence[str]) -> Results: ...

    async def untrash(self, photo_ids: Sequence[str]) -> Results: ...

    async def purge(self, photo_ids: Sequence[str]) -> Results: ...

    async def trashed(
        self, *, size: int = 0, token: str = "", before_s: int = 0, photo_ids: Sequence[str] = ()
    ) -> TrashPage: ...


async def in_trash(trash: Trash, photo_id: str) -> bool:
    """Return whether the photo is in the trash. Raises Unavailable."""
    return bool((await trash.trashed(photo_ids=[photo_id])).photos)


class Trouble(IntEnum):
    """What is wrong with a library; the numbers are those of the protos."""

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
    """One thing that is wrong: with a photo, a file by its name, or the library as a whole ("")."""

    trouble: Trouble
    id: str
    message: str
    repaired: bool = False

    def mended(self, *, by: bool) -> "Finding":
        """Return the same, repaired if `by`."""
        return replace(self, repaired=by)


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a check is, and what it found just now."""

    step: str
    done: int
    total: int
    finding: Finding | None = None


class Checking(Protocol):
    """Looks at the catalogue. Raises Unavailable without the index."""

    def checked(self, *, repair: bool) -> AsyncIterator[Checked]: ...
