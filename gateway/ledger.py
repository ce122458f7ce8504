"""What the gateway expects of the one who keeps imports: the index, as Protocols."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from common.imports import ImportRecord, ImportState, Item, RedoScope, Rejection
from common.samples import Stage


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Part of the list of imports, newest first; an empty `next_token` ends it."""

    records: tuple[ImportRecord, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class RejectionPage:
    """Part of the list of the rejected, newest first, and the length of the whole."""

    rejections: tuple[Rejection, ...]
    next_token: str
    total: int


class ImportBook(Protocol):
    """Imports by their id. Raises NotFound, Unavailable."""

    async def open(self, record: ImportRecord) -> ImportRecord: ...

    async def set_state(self, import_id: str, state: ImportState) -> ImportRecord: ...

    async def record(self, import_id: str) -> ImportRecord: ...

    async def records(
        self, *, size: int = 0, token: str = "", state: ImportState | None = None
    ) -> RecordPage: ...


class ItemBook(Protocol):
    """What became of the photos of an import."""

    async def note(self, import_id: str, items: Sequence[Item]) -> None: ...

    async def look_up(self, import_id: str, items: Sequence[Item]) -> list[Item]: ...


class RejectedNames(Protocol):
    """Which photos the list of the rejected names. Raises Unavailable."""

    async def named(self, photo_ids: Sequence[str]) -> set[str]: ...


class RejectionBook(Protocol):
    """The list of the rejected; `forget` returns how many left and ids that it names no more."""

    async def rejections(
        self, *, size: int = 0, token: str = "", import_id: str = ""
    ) -> RejectionPage: ...

    async def rejections_of(self, rejection_ids: Sequence[int]) -> Sequence[Rejection]: ...

    async def forget(self, rejection_ids: Sequence[int]) -> tuple[int, Sequence[str]]: ...


class StageBook(Protocol):
    """Stages to be done again, each with the model there is now; returns what each lacks then."""

    async def redo(self, models: Sequence[tuple[Stage, str]], scope: RedoScope) -> list[int]: ...
