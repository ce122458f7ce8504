"""What the gateway expects of the index for a second vector set, as values and a Protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from common import errors
from common.samples import Sample


@dataclass(frozen=True, slots=True)
class VectorSet:
    """All vectors of one model, its name, and the "host:port" of an embedder of it; "": unknown."""

    fingerprint: str = ""
    dimension: int = 0
    model: str = ""
    embedder: str = ""


@dataclass(frozen=True, slots=True)
class Sets:
    """The set that serves, the one being built, and how many samples have a vector in that."""

    serving: VectorSet
    second: VectorSet | None = None
    samples: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Lacking:
    """A photo, and those of its samples that the second set lacks."""

    photo_id: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class LackingPage:
    """Some of these photos; an empty `next_token` ends the listing."""

    photos: tuple[Lacking, ...]
    next_token: str


class SetBook(Protocol):
    """The sets of the library. Each raises Unavailable without the index."""

    async def sets(self) -> Sets: ...

    async def begin(self, one: VectorSet) -> None: ...

    async def swap(self, fingerprint: str) -> None: ...

    async def drop(self, fingerprint: str) -> None: ...

    async def sweep(self) -> int: ...


class SecondSet(Protocol):
    """The second set as it fills."""

    async def lacking(self, fingerprint: str, *, size: int, token: str = "") -> LackingPage: ...

    async def add(
        self, fingerprint: str, made: Mapping[str, bytes]
    ) -> Sequence[errors.SemapixError | None]: ...
