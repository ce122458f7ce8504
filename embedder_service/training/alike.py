"""Pairs of samples that match and pairs that do not: what calibration constants are fitted to."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from common.calibration import Calibration, Pair
from common.vectors import Floats
from embedder_service import calibration

_SMALL_WORDS = frozenset(
    """a an the and or of in on at to with by for from is are was be being it its his her their he
    she they while as that this there through over up down into onto off out near next front behind
    under between another other one two three four some several many wearing has have stands
    standing sits sitting looks looking""".split()  # noqa: SIM905
)
AGREEING_CAPTIONS = 3
SHARED_WORDS = 3


@dataclass(frozen=True, slots=True)
class Pairs:
    """Cosines of matched and of unmatched pairs, one dimension each."""

    matched: Floats
    unmatched: Floats


def of_photos(photos: Floats, captions: Sequence[Sequence[str]]) -> Pairs:
    """Return the cosines of photos that show alike things, and of photos that share nothing.

    Alike: at least three words stand in most captions of both. Nothing shared: no word of any
    caption of the one stands in any caption of the other. Everything between is left out.
    """
    sure = _incidence([agreed(group) for group in captions])
    said = _incidence([agreed(group, least=1) for group in captions])
    common, overlap = sure @ sure.T, said @ said.T
    upper = np.triu(np.ones_like(common, dtype=bool), 1)
    cosines = photos @ photos.T
    return Pairs(cosines[upper & (common >= SHARED_WORDS)], cosines[upper & (overlap == 0)])


def report(pair: Pair, constants: Calibration, pairs: Pairs) -> str:
    """Return one line: the constants, where 0.5 lies, and the error on the pairs."""
    wrong = calibration.error_share(constants, pairs.matched, pairs.unmatched)
    return (
        f"{pair.name.lower()}: slope {constants.slope:.2f}, offset {constants.offset:.2f}, "
        f"0.5 at cosine {-constants.offset / constants.slope:.3f}, error {wrong:.4f} "
        f"({len(pairs.matched):,} matched {_spread(pairs.matched)}, "
        f"{len(pairs.unmatched):,} unmatched {_spread(pairs.unmatched)})"
    )


def _spread(cosines: Floats) -> str:
    return f"{cosines.mean():.3f} +- {cosines.std():.3f}"


def agreed(captions: Sequence[str], least: int = AGREEING_CAPTIONS) -> frozenset[str]:
    """Return the words, small ones left out, that stand in at least `least` of the captions."""
    counts = Counter(word for caption in captions for word in set(_words(caption)))
    return frozenset(word for word, count in counts.items() if count >= least)


@cache
def _words(caption: str) -> tuple[str, ...]:
    return tuple(
        word for word in re.findall(r"[a-z]+", caption.lower()) if word not in _SMALL_WORDS
    )


def _incidence(groups: Sequence[frozenset[str]]) -> npt.NDArray[np.float32]:
    """Return 1 where a group holds a word, shape (groups, words)."""
    words = {word: column for column, word in enumerate(sorted(frozenset().union(*groups)))}
    table = np.zeros((len(groups), len(words)), dtype=np.float32)
    for row, group in enumerate(groups):
        table[row, [words[word] for word in group]] = 1
    return table
