"""What the gateway is asked and what it answers, as values without a trace of the wire."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from common.samples import Box, Entry, Hit, Kind, Reason, Stage
from ui.filters import Filter

CHUNK_BYTES = 2**20
LEAST_UNDERSTOOD = 0.5


class Outcome(IntEnum):
    """What became of a photo. UNREADABLE is ours: the file could not be read here."""

    UNREADABLE = 0
    ADDED = 1
    DUPLICATE = 2
    REJECTED = 3
    FAILED = 4
    # An archive that was read to its end; its photos have outcomes of their own.
    UNPACKED = 5


class PhotoSource(Protocol):
    """A photo to import: what to call it, and its bytes in pieces of at most 1 MiB."""

    @property
    def name(self) -> str: ...

    def pieces(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A photo or an archive in a file, read piece by piece."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def pieces(self) -> Iterator[bytes]:
        """Yield at least one piece, an empty one for an empty file.

        Raises OSError; for a file that changes while it is read too, which else might never end.
        """
        if not self.path.is_file():  # opening a pipe would wait for its writer for ever
            why = "not a file" if self.path.exists() else "no such file"
            raise OSError(0, why, str(self.path))
        with self.path.open("rb") as file:
            left = size = os.fstat(file.fileno()).st_size
            yield (piece := file.read(min(CHUNK_BYTES, left)))
            while left := left - len(piece):
                if not (piece := file.read(min(CHUNK_BYTES, left))):
                    break
                yield piece
            if left or os.fstat(file.fileno()).st_size != size:
                raise OSError(0, "it changes while it is read", str(self.path))


@dataclass(frozen=True, slots=True)
class BytesSource:
    """A photo in memory."""

    name: str
    encoded: bytes

    def pieces(self) -> Iterator[bytes]:
        """Yield at least one piece, an empty one for no bytes."""
        for at in range(0, max(len(self.encoded), 1), CHUNK_BYTES):
            yield self.encoded[at : at + CHUNK_BYTES]


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome of one photo or archive; `item` counts the sources of the import from 0.

    `entry` is the photo's place in the archive that is the item, from 1; 0: it is the item.
    """

    item: int
    source: str
    outcome: Outcome
    photo_id: str = ""
    reason: Reason = Reason.NONE
    message: str = ""
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Term:
    """Part of a question: exactly one of `text`, `image` (encoded) or `photo_id`, the last perhaps
    narrowed to `box`. A negative weight pushes away."""

    text: str = ""
    image: bytes = b""
    photo_id: str = ""
    box: Box | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """A question. `weights` are multiplied with the service's defaults, 0 hides a kind; `threshold`
    in [0, 1] tests the score before weights; `auto_threshold` leaves out what scores no better than
    unrelated samples do; `mean` averages a photo's samples instead of taking the best. Without
    terms the photos that pass `filter` come newest first. `page_token` asks for a further page.
    `raw` orders by cosines as they are."""

    terms: tuple[Term, ...]
    weights: Mapping[Kind, float] = field(default_factory=dict)
    limit: int = 20
    offset: int = 0
    threshold: float | None = None
    mean: bool = False
    use_confidence: bool = False
    auto_threshold: bool = False
    filter: Filter = field(default_factory=Filter)
    page_token: str = ""
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Threshold:
    """What samples had to score, and of how many unrelated ones that was made; 0: it was given."""

    score: float
    background: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Photos, best first, with what they were ranked by; no `next_page_token` on the last page.

    `understood` is how likely the model makes sense of the texts; None where it cannot tell.
    """

    hits: tuple[Hit, ...]
    revision: int
    weights: Mapping[Kind, float]
    queue_ms: float
    compute_ms: float
    truncated: bool
    thresholds: Mapping[Kind, Threshold] = field(default_factory=dict)
    next_page_token: str = ""
    understood: float | None = None

    @property
    def is_strange(self) -> bool:
        """Whether the model more likely than not makes no sense of a text that was asked for."""
        return self.understood is not None and self.understood < LEAST_UNDERSTOOD


class Searching(Protocol):
    """What answers queries, as `ui.client.Client` does."""

    def search(self, query: Query) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Page:
    """Photos without samples, newest first; `next_token` is empty on the last page."""

    photos: tuple[Entry, ...]
    next_token: str
    total: int


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service behind the gateway; `message` says why it is not serving."""

    name: str
    serving: bool
    models: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class StageSpeed:
    """How fast a background stage is at present, and seconds to go at that speed."""

    photos_per_s: float
    remaining_s: float


@dataclass(frozen=True, slots=True)
class Status:
    """Health, counts, and what is still to be done; `notices` are sentences for a person."""

    services: tuple[ServiceState, ...]
    photos: int
    samples: Mapping[Kind, int]
    pending: Mapping[Stage, int]
    failed: Mapping[Stage, int]
    revision: int
    version: str
    fingerprint: str
    original_bytes: int
    notices: tuple[str, ...]
    speeds: Mapping[Stage, StageSpeed] = field(default_factory=dict)
    index_bytes: int = 0
    free_bytes: int = 0

    @property
    def counted(self) -> bool:
        """False while the index does not answer: then the counts are unknown, not zero."""
        return all(service.serving for service in self.services if service.name == "index")

    @property
    def remaining(self) -> int:
        """Photo stages still to be done; 0 when nothing is half imported."""
        return sum(self.pending.values())
