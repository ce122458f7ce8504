"""How well pictures are found by text: recall, average precision and hits of known questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.vectors import Floats

RANKS = (1, 5, 10)
HIT_RANK = 5
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Question:
    """A text and the rows of the pictures that answer it; `ignored` ones count neither way."""

    text: str
    relevant: frozenset[int]
    ignored: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over all questions, each in [0, 1].

    recalls: the share of a question's relevant pictures that are among the first 1, 5 and 10.
    precision: mean average precision. hits: the share of questions with a relevant picture among
    the first 5.
    """

    recalls: tuple[float, ...]
    precision: float
    hits: float


def figures(pictures: Floats, texts: Floats, questions: Sequence[Question]) -> Figures:
    """Return the figures of unit rows of pictures, (n, d), and of the questions' texts, (m, d)."""
    rankings = [
        ranked(pictures @ text, question) for text, question in zip(texts, questions, strict=True)
    ]
    recalls = [[right[:rank].sum() / right.sum() for rank in RANKS] for right in rankings]
    return Figures(
        recalls=tuple(float(value) for value in np.mean(recalls, axis=0)),
        precision=float(np.mean([average_precision(right) for right in rankings])),
        hits=float(np.mean([right[:HIT_RANK].any() for right in rankings])),
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


def average_precision(right: Flags) -> float:
    """Return the mean of the precisions at each relevant one, most likely first."""
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(precision[right].mean())
