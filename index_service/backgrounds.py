"""What unrelated samples score: a fixed random part of each kind, and the threshold made of it.

Which samples belong to the background follows from their numbers alone, so that nothing has to be
stored: of all samples of a kind those whose numbers have the smallest hashes. Samples that come and
go change it one by one, and the same library has the same background after every start.
"""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from common.samples import Kind
from index_service.brute import BruteIndex
from index_service.changes import Numbers
from index_service.indices import Index, rows_of
from index_service.vector_index import Doubles

SIZE = 512
FEWEST = 32
LEAST, MOST = 0.5, 0.95
_LOW, _MIDDLE = 0.1, 0.4
_NARROWEST = 0.25
_FEWEST_SPREADS, _MOST_SPREADS = 2.0, 4.0
_TINY = 1e-9
_FIRST_FACTOR, _SECOND_FACTOR = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class Cut:
    """What samples of a kind must score, and of how many unrelated ones it was made; 0: given."""

    score: float
    background: int = 0


class Backgrounds:
    """The backgrounds of a library's kinds; each follows what its kind gains and loses."""

    def __init__(self) -> None:
        self._drawn: dict[Kind, tuple[BruteIndex, Numbers]] = {}
        self._lock = threading.Lock()

    def of(self, kind: Kind, index: Index) -> Numbers:
        """Return the numbers of the samples of the background, rising."""
        rows = rows_of(index)
        with self._lock:
            known = self._drawn.get(kind)
            if known is None or known[0] is not rows:
                known = rows, followed(*known, rows) if known else drawn(rows.live_numbers())
                self._drawn[kind] = known
            return known[1]


def followed(before: BruteIndex, numbers: Numbers, now: BruteIndex) -> Numbers:
    """Return what is drawn of `now` when `numbers` were of `before`.

    As long as none of those is gone, only samples that came since can take their places.
    """
    if len(numbers) < SIZE or not now.comes_of(before) or len(now.rows_of(numbers)) < len(numbers):
        return drawn(now.live_numbers())
    came = now.live_numbers(after=before.last)
    return drawn(np.concatenate((numbers, came))) if len(came) else numbers


def drawn(numbers: Numbers, size: int = SIZE) -> Numbers:
    """Return `size` of the rising `numbers`, or all, drawn by their hashes; rising."""
    if len(numbers) <= size:
        return numbers
    chosen = np.argpartition(_hashes(numbers), size)[:size]
    return np.sort(numbers[chosen])


def _hashes(numbers: Numbers) -> npt.NDArray[np.uint64]:
    """Return well mixed 64-bit values, different for different numbers (after splitmix64)."""
    mixed = numbers.astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST_FACTOR
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND_FACTOR
    return mixed ^ (mixed >> np.uint64(31))


def lent(scores: Mapping[Kind, Doubles]) -> dict[Kind, Doubles]:
    """Return the scores of each kind; one with too few of its own gets those of all pictures.

    Texts lie elsewhere: they neither lend nor borrow.
    """
    pictures = [own for kind, own in scores.items() if kind is not Kind.TEXT]
    few = {kind for kind, own in scores.items() if len(own) < FEWEST and kind is not Kind.TEXT}
    return {kind: np.concatenate(pictures) if kind in few else own for kind, own in scores.items()}


def cut(scores: Doubles, samples: int, *, most: float = 1.0) -> Cut:
    """Return the threshold for one query in a kind of `samples`, from `scores` of unrelated ones.

    On the scale of log odds, where cosines keep their shape, the lower part of the scores, which
    holds no matches, tells mean and spread of the unrelated. The threshold lies where one unrelated
    sample of all may come if they are normal, but between 0.5, as likely matched as not, and 0.95,
    which is a match whatever all others are. With too few scores it is 0.5. `most` is the highest
    score that the query lets a sample have: all but the 0.5 is then meant as shares of it.
    """
    if len(scores) < FEWEST:
        return Cut(LEAST, 0)
    if most <= LEAST:
        return Cut(LEAST, len(scores))
    odds = logits(scores / most)
    low, middle = np.quantile(odds, (_LOW, _MIDDLE)).tolist()
    normal = NormalDist()
    at_low, at_middle = normal.inv_cdf(_LOW), normal.inv_cdf(_MIDDLE)
    spread = max((middle - low) / (at_middle - at_low), _NARROWEST)
    mean = middle - at_middle * spread
    found = 1 / (1 + math.exp(-(mean + spreads(samples) * spread)))
    return Cut(max(min(found, MOST) * most, LEAST), len(scores))


def spreads(samples: int) -> float:
    """Return how many spreads above the mean one of `samples` normal numbers is expected."""
    beyond = NormalDist().inv_cdf(1 - 1 / max(samples, 2)) if samples > 2 else 0.0
    return min(max(beyond, _FEWEST_SPREADS), _MOST_SPREADS)


def logits(scores: Doubles) -> Doubles:
    """Return log odds of scores in [0, 1]; what is nearly 0 or 1 is cut off."""
    inner = np.clip(scores, _TINY, 1 - _TINY)
    return np.asarray(np.log(inner / (1 - inner)), np.float64)
