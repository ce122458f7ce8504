"""How alike classes are: mean cosines class by class, and the cosine that tells same from other."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis_service.neighbours import Indices
from common.retrieval import Flags
from common.vectors import Floats

MOST_CLASSES, FEWEST, MOST_OF_A_CLASS = 32, 4, 40


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Unit rows, shape (n, d), with a label and the photo that each was cut from."""

    vectors: Floats
    labels: tuple[str, ...]
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """Mean cosines of classes, shape (k, k), and cosines of pairs of one and of two classes.

    Pairs of one photo are left out: they share its light and its surroundings. threshold: the
    cosine that says "same" with the least error. missed, wrong: shares of the pairs of one class
    below it, and of two classes above it; error is their mean.
    """

    classes: tuple[str, ...]
    matrix: Floats
    same: Floats
    other: Floats
    threshold: float
    missed: float
    wrong: float

    @property
    def error(self) -> float:
        return (self.missed + self.wrong) / 2


def chosen(labels: Sequence[str]) -> list[int]:
    """Return the rows of the most frequent classes, so many of each at most, in their order."""
    common = Counter(labels).most_common(MOST_CLASSES)
    left = {name: MOST_OF_A_CLASS for name, count in common if count >= FEWEST}
    rows = []
    for row, label in enumerate(labels):
        if left.get(label, 0) > 0:
            left[label] -= 1
            rows.append(row)
    return rows


def of(samples: Labelled) -> Likeness | None:
    """Return the likeness of the classes; None where no two classes have pairs to compare."""
    classes, numbers = np.unique(np.asarray(samples.labels), return_inverse=True)
    cosines = samples.vectors @ samples.vectors.T
    photos = np.unique(np.asarray(samples.photos), return_inverse=True)[1]
    counts = np.triu(photos[:, None] != photos[None], 1)
    same = numbers[:, None] == numbers[None]
    inside, outside = cosines[counts & same], cosines[counts & ~same]
    if not len(inside) or not len(outside):
        return None
    threshold, missed, wrong = best_threshold(inside, outside)
    return Likeness(
        classes=tuple(map(str, classes)),
        matrix=_matrix(cosines, counts | counts.T, numbers),
        same=inside,
        other=outside,
        threshold=threshold,
        missed=missed,
        wrong=wrong,
    )


def best_threshold(same: Floats, other: Floats) -> tuple[float, float, float]:
    """Return the cosine with the least mean of the two shares of errors, and both shares.

    A pair is "same" from the threshold on.
    """
    one, two = np.sort(same), np.sort(other)
    steps = np.unique(np.concatenate([one, two]))
    missed = np.searchsorted(one, steps, side="left") / len(one)
    wrong = 1 - np.searchsorted(two, steps, side="left") / len(two)
    at = int(np.argmin(missed + wrong))
    return float(steps[at]), float(missed[at]), float(wrong[at])


def _matrix(cosines: Floats, counts: Flags, numbers: Indices) -> Floats:
    """Return the mean over the pairs that count, NaN where there are none."""
    own = np.eye(int(numbers.max()) + 1, dtype=np.float32)[numbers]
    sums, pairs = own.T @ (cosines * counts) @ own, own.T @ counts.astype(np.float32) @ own
    return np.where(pairs > 0, sums / np.maximum(pairs, 1), np.nan).astype(np.float32)
