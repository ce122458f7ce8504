"""Imports as values: what the gateway, the index and the user interface say of them."""

from dataclasses import dataclass
from enum import IntEnum

from common.samples import Reason


class Outcome(IntEnum):
    """What became of a photo; the numbers are those of the protos."""

    ADDED = 1
    DUPLICATE = 2
    REJECTED = 3
    FAILED = 4
    # An archive that was read to its end; its photos have outcomes of their own.
    UNPACKED = 5


class ImportState(IntEnum):
    """What an import is doing; the numbers are those of the protos."""

    RUNNING = 1
    PAUSED = 2
    CANCELLED = 3
    FINISHED = 4
    INTERRUPTED = 5


class RedoScope(IntEnum):
    """Which photos to do a stage for again; the numbers are those of the protos."""

    MISSING = 1
    FAILED = 2
    MODEL_CHANGED = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import as the catalogue knows it; 0 is an unknown total, times are seconds since 1970."""

    import_id: str
    state: ImportState = ImportState.RUNNING
    label: str = ""
    paths: tuple[str, ...] = ()
    in_place: bool = False
    total: int = 0
    total_bytes: int = 0
    added: int = 0
    duplicate: int = 0
    rejected: int = 0
    failed: int = 0
    created_at_s: int = 0
    changed_at_s: int = 0

    @property
    def settled(self) -> int:
        """Photos that have their outcome."""
        return self.added + self.duplicate + self.rejected + self.failed


@dataclass(frozen=True, slots=True)
class Item:
    """One photo of an import; no outcome: it is not settled. `photo_id` is "" if not hashed."""

    source: str
    photo_id: str
    outcome: Outcome | None = None
    reason: Reason = Reason.NONE
    message: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A photo on the list of the rejected; `photo_id` is "" if it was not hashed."""

    rejection_id: int
    source: str
    photo_id: str
    reason: Reason
    message: str
    import_id: str
    rejected_at_s: int
