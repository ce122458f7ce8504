"""What weights do to a search: photos found by themselves, by persons and by things in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common import retrieval
from common.calibration import Calibration
from common.retrieval import Question
from common.vectors import Floats

PERSON = "person"
LEAST_PHOTOS = 3
FIRST = 6


@dataclass(frozen=True, slots=True)
class Weighting:
    """What a match of the whole photo, of a person and of a thing counts for in the order."""

    name: str
    photo: float
    person: float
    thing: float


WEIGHTINGS = (
    Weighting("whole photos alone", 1.0, 0.0, 0.0),
    Weighting("all alike", 1.0, 1.0, 1.0),
    Weighting("persons little", 1.0, 0.2, 1.0),
    Weighting("things first", 0.5, 0.2, 1.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Unit rows, shape (n, d), the photo of each by its number, and its label, "" for the whole."""

    vectors: Floats
    photos: tuple[int, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One search under every weighting: the photos found first, and the right ones."""

    query: str
    relevant: frozenset[int]
    found: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Mean average precision over `queries` labels per weighting, and one example."""

    queries: int
    precisions: tuple[float, ...]
    example: Example


def asked(labels: Sequence[Sequence[str]]) -> dict[str, frozenset[int]]:
    """Return the labels to ask for, with the photos that show them, by the labels of each photo."""
    every = sorted({label for each in labels for label in each})
    shown = {name: frozenset(n for n, each in enumerate(labels) if name in each) for name in every}
    return {name: rows for name, rows in shown.items() if LEAST_PHOTOS <= len(rows) < len(labels)}


def phrase(label: str) -> str:
    return f"a photo of a {label}"


def weighed(
    samples: Samples, texts: Floats, wanted: dict[str, frozenset[int]], curve: Calibration
) -> Weighed:
    """Return the figures of searching by unit rows of texts, one for each label wanted.

    The example is the label that weights move most.
    """
    scores = [[_scores(samples, text, way, curve) for way in WEIGHTINGS] for text in texts]
    every = np.array(
        [
            [_precision(one, rows) for one in ways]
            for ways, rows in zip(scores, wanted.values(), strict=True)
        ]
    )
    at = int(np.argmax(every.max(1) - every[:, 0]))
    label = list(wanted)[at]
    found = tuple(tuple(np.argsort(-one, kind="stable")[:FIRST].tolist()) for one in scores[at])
    means = tuple(float(value) for value in every.mean(0))
    return Weighed(len(wanted), means, Example(phrase(label), wanted[label], found))


def _scores(samples: Samples, text: Floats, way: Weighting, curve: Calibration) -> Floats:
    """Return the best weighted score of each photo, as a search orders them."""
    kinds = {"": way.photo, PERSON: way.person}
    weights = np.array([kinds.get(label, way.thing) for label in samples.labels])
    best = np.zeros(max(samples.photos) + 1)
    np.maximum.at(best, list(samples.photos), weights * curve.scores(samples.vectors @ text))
    return best.astype(np.float32)


def _precision(scores: Floats, relevant: frozenset[int]) -> float:
    right = retrieval.ranked(scores, Question("", relevant))
    return retrieval.average_precision(right)
