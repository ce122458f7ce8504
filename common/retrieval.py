"""How well pictures are found by text: recall, precision, hits and gain of known questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.vectors import Floats

RANKS = (1, 5, 10)
HIT_RANK = 5
GAIN_RANK = 10
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Question:
    """A text and the rows of the pictures that answer it; `ignored` ones count neither way."""

    text: str
    relevant: frozenset[int]
    ignored: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """Which of the pictures that were found are relevant, best first, without the ignored ones.

    `wanted`: how many are relevant, at least 1; those that were not found come after all others.
    """

    right: Flags
    wanted: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over all questions, each in [0, 1].

    recalls: the share of a question's relevant pictures that are among the first 1, 5 and 10.
    precision: mean average precision. hits: the share of questions with a relevant picture among
    the first 5. gains: nDCG@10.
    """

    recalls: tuple[float, ...]
    precision: float
    hits: float
    gains: float


def figures(pictures: Floats, texts: Floats, questions: Sequence[Question]) -> Figures:
    """Return the figures of unit rows of pictures, (n, d), and of the questions' texts, (m, d)."""
    rankings = [
        ranked(pictures @ text, question) for text, question in zip(texts, questions, strict=True)
    ]
    return means([Found(right, int(right.sum())) for right in rankings])


def means(answers: Sequence[Found]) -> Figures:
    """Return the figures of at least one answer."""
    recalls = [[each.right[:rank].sum() / each.wanted for rank in RANKS] for each in answers]
    precisions = [average_precision(each.right, each.wanted) for each in answers]
    return Figures(
        recalls=tuple(float(value) for value in np.mean(recalls, axis=0)),
        precision=float(np.mean(precisions)),
        hits=float(np.mean([each.right[:HIT_RANK].any() for each in answers])),
        gains=float(np.mean([gain(each) for each in answers])),
    )


def ranked(cosines: Floats, question: Question) -> Flags:
    """Return which pictures are relevant, nearest first, without the ignored ones.

    Of equally near ones the relevant come last: a model that finds all alike earns nothing.
    """
    counts, right = np.ones(len(cosines), dtype=bool), np.zeros(len(cosines), dtype=bool)
    right[list(question.relevant)] = True
    counts[list(question.ignored - question.relevant)] = False
    order = np.lexsort((right[counts], -cosines[counts]))
    return np.asarray(right[counts][order])


def average_precision(right: Flags, wanted: int | None = None) -> float:
    """Return the mean of the precisions at each relevant one, most likely first.

    `wanted`: how many are relevant, None if `right` has all; at one that is missing it is 0.
    """
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(precision[right].sum() / (right.sum() if wanted is None else wanted))


def gain(found: Found) -> float:
    """Return nDCG@10, in [0, 1]: the discounted gain as a share of the best there could be.

    Relevance is 0 or 1, the discount 1 / log2(1 + rank) (Jarvelin and Kekalainen 2002, in the form
    that discounts from rank 2 on).
    """
    discounts = 1 / np.log2(np.arange(2, GAIN_RANK + 2))
    first = found.right[:GAIN_RANK]
    best = discounts[: min(found.wanted, GAIN_RANK)].sum()
    return float(discounts[: len(first)][first].sum() / best)
