"""Questions and their answers as values, and what the gateway expects of the index for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from common.samples import Box, Kind
from gateway.services import Encoder, Spent


@dataclass(frozen=True, slots=True)
class RawVector:
    """A vector that the caller brings: little-endian float32, by the model of `fingerprint`."""

    vector: bytes
    fingerprint: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Term:
    """Part of a question: one of a text, an encoded picture, a photo or a region of one, a vector.

    `field` is the path of the term in the request; `weight` is finite and not 0.
    """

    field: str
    weight: float
    text: str = ""
    image: bytes = b""
    photo_id: str = ""
    box: Box | None = None
    raw: RawVector | None = None

    @property
    def is_text(self) -> bool:
        """Whether its vector is one of a text."""
        return self.raw.is_text if self.raw else bool(self.text)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of an answer, behind `shown` photos, the last of them this one."""

    rank: float
    photo_id: str
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """How the vectors of a query are to be compared and what of the answer is wanted.

    `raw` leaves the encoder's calibration out: what is compared comes in the order of cosines.
    `filter` is as the index takes it, serialised; the gateway does not look into it.
    """

    weights: Mapping[Kind, float]
    limit: int
    offset: int = 0
    threshold: float | None = None
    auto_threshold: bool = False
    aggregation: int = 0
    use_confidence: bool = False
    raw: bool = False
    filter: bytes = b""
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller asks; `ranked.weights` are the caller's. Without terms the filter lists."""

    terms: tuple[Term, ...]
    ranked: Ranked


@dataclass(frozen=True, slots=True)
class Threshold:
    """What samples of a kind had to score, and of how many unrelated ones it was made; 0: given."""

    kind: Kind
    score: float
    background: int


@dataclass(frozen=True, slots=True)
class QueryVector:
    """Part of a query; `weight` is finite and not 0.

    `understood` is how likely the model makes sense of a text, None where nobody can tell.
    """

    vector: bytes
    is_text: bool
    weight: float
    understood: float | None = None


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """A query in vectors of one encoder, or without any; photos in `excluded` stay out."""

    vectors: tuple[QueryVector, ...] = ()
    encoder: Encoder | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Photos best first, and the revision they come from; `next` is None on the last page.

    `hits` are as the index says them, serialised; the gateway does not look into them.
    """

    hits: tuple[bytes, ...]
    revision: int
    spent: Spent
    thresholds: tuple[Threshold, ...] = ()
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking, the weights that were applied to every kind, and what all services spent.

    `truncated` if the model did not read all of a text; `understood` is how likely it makes sense
    of the text that it knows least of those looked for, None where nobody can tell.
    """

    ranking: Ranking
    weights: Mapping[Kind, float]
    spent: Spent
    truncated: bool = False
    understood: float | None = None


class Searching(Protocol):
    """Ranks photos for vectors. Raises Mismatch for vectors of another model."""

    async def search(self, query: VectorQuery, ranked: Ranked) -> Ranking: ...
