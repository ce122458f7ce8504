"""The rows of `semapix evaluate search`: what may be found, in which order, and how well it is."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from common import retrieval
from common.retrieval import Figures, Found
from common.samples import OBJECT_KINDS, Kind
from ui.answers import Query, Searching, Term

MOST_PHOTOS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A text and the ids of the photos that answer it; `ignored` ones count neither way."""

    text: str
    relevant: frozenset[str]
    ignored: frozenset[str]


class Order(StrEnum):
    """By cosines as they are, by scores, or by scores times the weights of the service.

    The first two count every kind alike, so that between two rows only one thing changes.
    """

    RAW = "raw"
    CALIBRATED = "calibrated"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to search: the kinds that may be found, and their order."""

    found_by: str
    kinds: frozenset[Kind]
    order: Order

    def query(self, text: str, limit: int, served: Mapping[Kind, float]) -> Query:
        """Return the question; `served` are the weights of the service, by which it multiplies."""
        weights = {kind: self._weight(kind, served.get(kind, 1.0)) for kind in Kind}
        raw = self.order is Order.RAW
        return Query((Term(text=text),), weights=weights, limit=limit, raw=raw)

    def _weight(self, kind: Kind, served: float) -> float:
        """Return 0 for what is hidden here; what the service hides stays hidden."""
        if kind not in self.kinds:
            return 0.0
        return 1.0 if self.order is Order.WEIGHTED or not served else 1 / served


@dataclass(frozen=True, slots=True)
class Row:
    """What is printed of one way; the figures, each in [0, 1], are those of `retrieval.Figures`.

    samples: how many may be found. p50_ms and p99_ms: one search, its text embedded before.
    """

    found_by: str
    order: Order
    r_at_1: float
    r_at_5: float
    r_at_10: float
    map: float
    hit_at_5: float
    ndcg_at_10: float
    samples: int
    p50_ms: float
    p99_ms: float


_PHOTOS = frozenset({Kind.PHOTO})
_REGIONS = _PHOTOS | frozenset(OBJECT_KINDS)
_EVERYTHING = ("photos, regions, texts", _REGIONS | {Kind.TEXT})
WAYS = (
    *(
        Way(found_by, kinds, order)
        for found_by, kinds in (("photos", _PHOTOS), ("photos, regions", _REGIONS), _EVERYTHING)
        for order in (Order.RAW, Order.CALIBRATED)
    ),
    Way(*_EVERYTHING, Order.WEIGHTED),
)


class Answers:
    """What one way found for each question, and how long it took."""

    def __init__(self, way: Way, limit: int) -> None:
        self._way, self._limit = way, limit
        self._found: list[Found] = []
        self._spent_ms: list[float] = []

    def ask(self, searching: Searching, asked: Asked, served: Mapping[Kind, float]) -> None:
        """Put one question; `served` are the weights of the service."""
        query = self._way.query(asked.text, self._limit, served)
        started = time.perf_counter()
        answer = searching.search(query)
        self._spent_ms.append((time.perf_counter() - started) * 1000)
        self._found.append(found([hit.facts.photo_id for hit in answer.hits], asked))

    def row(self, samples: Mapping[Kind, int]) -> Row:
        """Return the figures over all that was asked, at least one."""
        figures: Figures = retrieval.means(self._found)
        at_1, at_5, at_10 = (round(value, 4) for value in figures.recalls)
        p50_ms, p99_ms = percentiles(self._spent_ms)
        return Row(
            found_by=self._way.found_by,
            order=self._way.order,
            r_at_1=at_1,
            r_at_5=at_5,
            r_at_10=at_10,
            map=round(figures.precision, 4),
            hit_at_5=round(figures.hits, 4),
            ndcg_at_10=round(figures.gains, 4),
            samples=sum(samples.get(kind, 0) for kind in self._way.kinds),
            p50_ms=p50_ms,
            p99_ms=p99_ms,
        )


def found(photo_ids: Sequence[str], asked: Asked) -> Found:
    """Return which of the photos, best first, answer the question; ignored ones are taken out."""
    out = asked.ignored - asked.relevant
    right = [photo in asked.relevant for photo in photo_ids if photo not in out]
    return Found(np.array(right, dtype=bool), len(asked.relevant))


def percentiles(spent_ms: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and the 99th percentile of at least one."""
    half, most = np.percentile(spent_ms, (50, 99))
    return round(float(half), 1), round(float(most), 1)
