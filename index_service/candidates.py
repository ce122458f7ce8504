"""The samples of one kind with cosine, score and rank for one query."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from common.calibration import Calibration, Pair
from common.samples import Kind
from index_service import scoring
from index_service.changes import Numbers
from index_service.scoring import Direction
from index_service.vector_index import Comparing, Doubles, Neighbours


@dataclass(frozen=True, slots=True)
class Wish:
    """What a search asks for.

    weights: at least 0 a kind; kinds not named weigh 0, and what weighs 0 is hidden.
    threshold, cuts: least score of a sample, before weights, of all kinds and of each.
    excluded: numbers of photos.
    """

    query: tuple[Direction, ...]
    weights: Mapping[Kind, float]
    limit: int = 20
    offset: int = 0
    threshold: float | None = None
    cuts: Mapping[Kind, float] = field(default_factory=dict)
    mean: bool = False
    use_confidence: bool = False
    calibrations: Mapping[Pair, Calibration] = field(default_factory=dict)
    excluded: frozenset[int] = frozenset()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds that are visible."""
        return tuple(kind for kind in Kind if self.weights.get(kind, 0) > 0)

    def least(self, kind: Kind) -> float:
        """Return what samples of `kind` must score; 0 where anything counts."""
        return max(self.threshold or 0.0, self.cuts.get(kind, 0.0))

    @property
    def wanted(self) -> int:
        """Photos that must be found, those to skip included."""
        return self.offset + self.limit


@dataclass(frozen=True, slots=True)
class Candidates:
    """Samples with cosine in [-1, 1], score in [0, 1] and rank, weight x score; each (n,).

    `counts` tells which reach what samples of their kind must score.
    """

    numbers: Numbers
    photos: Numbers
    cosines: Doubles
    scores: Doubles
    ranks: Doubles
    counts: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.numbers)


Begun = Callable[[], Candidates]


class KindSearch:
    """One wish put to one kind."""

    def __init__(self, kind: Kind, index: Comparing, wish: Wish) -> None:
        self.kind, self._index, self._wish = kind, index, wish
        self._weight, self._least = wish.weights[kind], wish.least(kind)

    @property
    def is_walked(self) -> bool:
        """Whether `begun` walks a graph."""
        return self._index.is_walked

    @property
    def most(self) -> float:
        """The highest score that a sample may have."""
        return math.fsum(d.share * scoring.most(d, self.kind) for d in self._wish.query)

    def begun(self, count: int) -> Begun:
        """Begin to look for the `count` of the highest score; the call of the result has them.

        They come highest first. The query has one direction.
        """
        (direction,) = self._wish.query
        ended = self._index.begun(direction.vector, count)
        return lambda: self._candidates([ended()])

    def scan(self) -> Candidates:
        """Return all samples."""
        return self._candidates([self._index.scan(d.vector) for d in self._wish.query])

    def of(self, numbers: Sequence[int]) -> Candidates:
        """Return those of the samples `numbers` that there are."""
        wanted = np.array(numbers, np.int64)
        return self._candidates([self._index.of(wanted, d.vector) for d in self._wish.query])

    def bound(self, found: Candidates) -> float:
        """Return what no sample after `found`, nearest first, can surpass; -1 if none counts."""
        score = float(found.scores[-1])
        return self._weight * score if score >= self._least else -1.0

    def _candidates(self, by_direction: Sequence[Neighbours]) -> Candidates:
        """Return the rows, which are the same in each of `by_direction`, with their scores."""
        wish, rows = self._wish, by_direction[0]
        cosines, scores = np.zeros(len(rows)), np.zeros(len(rows))
        for direction, neighbours in zip(wish.query, by_direction, strict=True):
            own = scoring.scored(neighbours.cosines, direction, self.kind, wish.calibrations)
            scores += direction.share * own
            cosines += direction.share * neighbours.cosines
        ranks = self._weight * scores
        if wish.use_confidence:
            ranks = ranks * rows.confidences
        counts = scores >= self._least
        return Candidates(rows.numbers, rows.photos, cosines, scores, ranks, counts)


def pooled(parts: Sequence[Candidates]) -> Candidates:
    """Return the samples of all kinds together."""
    columns = ("numbers", "photos", "cosines", "scores", "ranks", "counts")
    return Candidates(*(np.concatenate([getattr(p, name) for p in parts]) for name in columns))
