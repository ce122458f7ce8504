"""What the gateway expects of the index for a second vector set, as values and a Protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from common import errors
from common.vector_sets import Lacking, Sets, VectorSet


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
