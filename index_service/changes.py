"""What the writer is asked to do, and what came of it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from common import errors
from common.samples import Kind, PhotoFacts, Sample, Stage, StageRecord
from common.vectors import Floats

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class VectorSample:
    """A sample with its unit vector of shape (d,)."""

    sample: Sample
    vector: Floats


@dataclass(frozen=True, slots=True)
class Put:
    """A photo with stages that are over; `path` is its place in the request, for messages.

    A new photo counts as added by the import `import_id`, "" for none.
    """

    facts: PhotoFacts
    samples: tuple[VectorSample, ...]
    stages: tuple[StageRecord, ...]
    fingerprint: str
    path: str = "photo"
    import_id: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """The end of a photo, wherever it is; `only_trashed` spares one that is not in the trash."""

    photo_id: str
    only_trashed: bool = False


@dataclass(frozen=True, slots=True)
class Trash:
    """A photo into the trash, `at_s` in seconds since 1970."""

    photo_id: str
    at_s: int


@dataclass(frozen=True, slots=True)
class Untrash:
    """A photo back from the trash."""

    photo_id: str


@dataclass(frozen=True, slots=True)
class Redo:
    """Stages of a photo to be done again: their records and samples go."""

    photo_id: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A change beside photos and vectors, such as an import's; it leaves the revision alone."""

    write: Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class Swap:
    """The second vector set, of that fingerprint, in the place of the one that serves."""

    fingerprint: str


Change = Put | Delete | Trash | Untrash | Redo | Note | Swap


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change fared; `revision` is the library's after it."""

    revision: int
    created: bool = False
    error: errors.SemapixError | None = None


@dataclass(frozen=True, slots=True)
class Meta:
    """What a library is as a whole; the first vector fixes fingerprint and dimension."""

    revision: int = 0
    fingerprint: str = ""
    dimension: int = 0


@dataclass(frozen=True, slots=True)
class AddedSample:
    """A sample that was committed, by its number in the catalogue."""

    number: int
    photo: int
    sample: VectorSample


@dataclass(slots=True)
class Effects:
    """What committed changes mean for what is kept in memory; additions come before removals.

    `swapped`: other vectors serve, and all of them are to be read anew.
    """

    added: list[AddedSample] = field(default_factory=list)
    gone: list[tuple[Kind, int]] = field(default_factory=list)
    photos: dict[int, str] = field(default_factory=dict)
    swapped: bool = False

    def take(self, other: "Effects") -> None:
        """Add what `other` holds, which came later."""
        self.added += other.added
        self.gone += other.gone
        self.photos |= other.photos
        self.swapped = self.swapped or other.swapped
