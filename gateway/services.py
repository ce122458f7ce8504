"""What the gateway expects of the services behind it, as values and Protocols."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from common import errors
from common.samples import Box, Entry, Kind, PhotoFacts, Sample, Stage, StageRecord

T = TypeVar("T")
TRANSIENT = (errors.Unavailable, errors.TooSlow, errors.Overloaded, errors.Cancelled)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic for one modality pair, by its number in the protos."""

    pair: int
    slope: float
    offset: float


@dataclass(frozen=True, slots=True)
class Encoder:
    """The model that the embedder runs, and what it takes in one request."""

    model: str
    fingerprint: str
    max_images: int
    max_regions: int
    max_texts: int
    max_text_chars: int
    calibrations: tuple[Calibration, ...] = ()
    dimension: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds that a service waited and worked."""

    queue_ms: float = 0.0
    compute_ms: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.queue_ms + other.queue_ms, self.compute_ms + other.compute_ms)


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture and the regions of it to embed; none is the whole picture."""

    encoded: bytes
    regions: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class TextVector:
    """Vector of a text, little-endian float32; `truncated` if the model did not read all of it.

    `understood` is how likely the model makes sense of it, in [0, 1]; None where it cannot tell.
    """

    vector: bytes
    truncated: bool = False
    understood: float | None = None


@dataclass(frozen=True, slots=True)
class Embedded(Generic[T]):
    """One outcome per item, in order."""

    outcomes: tuple[T | errors.SemapixError, ...]
    spent: Spent = field(default_factory=Spent)


class Embedder(Protocol):
    """Pictures and texts to vectors, each vector little-endian float32 of unit length.

    Raises Mismatch if `fingerprint` is neither "" nor that of the model; transient errors.
    """

    async def encoder(self) -> Encoder: ...

    async def images(
        self, pictures: Sequence[Picture], *, fingerprint: str = ""
    ) -> Embedded[tuple[bytes, ...]]: ...

    async def texts(
        self, texts: Sequence[str], *, fingerprint: str = ""
    ) -> Embedded[TextVector]: ...


@dataclass(frozen=True, slots=True)
class Feature:
    """Whether the detector can do a stage, and with which model."""

    stage: Stage
    available: bool
    model: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something seen or read in a picture; `box` as the detector gave it, not yet checked."""

    kind: Kind
    box: Box
    confidence: float
    label: str = ""
    text: str = ""


class Detector(Protocol):
    """Finds objects and text lines. Raises InvalidInput for a picture that cannot be analysed."""

    async def features(self) -> tuple[Feature, ...]: ...

    async def find(self, encoded: bytes, stage: Stage) -> list[Finding]: ...


@dataclass(frozen=True, slots=True)
class Update:
    """A photo with the outcome of one stage; vectors by their sample, in the order of samples."""

    facts: PhotoFacts
    record: StageRecord
    samples: tuple[tuple[Sample, bytes], ...] = ()
    # Import that a new photo counts for.
    import_id: str = ""
    second: "SecondMade | None" = None


@dataclass(frozen=True, slots=True)
class SecondMade:
    """Vectors of the same samples for the second vector set, by sample id; some may be lacking."""

    fingerprint: str
    vectors: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a listing, entries without samples; an empty `next_token` ends it."""

    entries: tuple[Entry, ...]
    next_token: str
    total: int


class Catalogue(Protocol):
    """The photos of the library, as index_service keeps them."""

    async def put(self, update: Update, *, fingerprint: str) -> None: ...

    async def delete(self, photo_ids: Sequence[str]) -> list[errors.SemapixError | None]: ...

    async def entries(
        self, photo_ids: Sequence[str], *, samples: bool
    ) -> list[Entry | errors.SemapixError]: ...

    async def page(
        self, *, size: int = 0, token: str = "", missing: Stage | None = None, skip: int = 0
    ) -> Page: ...


@dataclass(frozen=True, slots=True)
class Counts:
    """What the library holds."""

    photos: int = 0
    samples: Mapping[Kind, int] = field(default_factory=dict)
    missing: Mapping[Stage, int] = field(default_factory=dict)
    failed: Mapping[Stage, int] = field(default_factory=dict)
    fingerprint: str = ""
    revision: int = 0
    disk_bytes: int = 0


class Counting(Protocol):
    """Tells what the library holds."""

    async def counts(self) -> Counts: ...
