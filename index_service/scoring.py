"""From cosines to scores that mean the same for every pair of modalities.

A query may hold texts and pictures. The parts of each modality are added up, weighted, and the
sum is made a unit vector again. A modality whose weights sum to less than nothing pushes away: a
sample then scores what is missing from a match with the opposite vector. With both modalities a
sample's score (and its cosine, for show) is the mean of those of the two, weighted by the share
of each in the sum of all absolute weights.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from common import errors, vectors
from common.calibration import Calibration, Pair
from common.samples import Kind
from common.vectors import Floats
from index_service.vector_index import Doubles

_CANCELLED = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """One vector of a query; `weight` is finite and not 0.

    `understood` is how likely the model makes sense of a text, in [0, 1].
    """

    vector: Floats
    is_text: bool
    weight: float
    understood: float = 1.0


@dataclass(frozen=True, slots=True)
class Direction:
    """All parts of one modality as one unit vector; `share` in (0, 1] is its say in the score.

    `understood` is the mean over the parts that decide where it points, by their weights.
    """

    vector: Floats
    is_text: bool
    share: float
    pushes_away: bool
    understood: float = 1.0


def directions(parts: Sequence[Part]) -> tuple[Direction, ...]:
    """Return one direction for each modality there is.

    Raises InvalidInput where the parts of a modality cancel out.
    """
    total = math.fsum(abs(part.weight) for part in parts)
    modalities = [[part for part in parts if part.is_text is is_text] for is_text in (True, False)]
    return tuple(_direction(own, total) for own in modalities if own)


def _direction(parts: Sequence[Part], total: float) -> Direction:
    absolute = math.fsum(abs(part.weight) for part in parts)
    terms = [part.vector.astype(np.float64) * (part.weight / absolute) for part in parts]
    summed = np.sum(terms, axis=0)
    is_text = parts[0].is_text
    if np.linalg.norm(summed) < _CANCELLED:
        of_what = "texts" if is_text else "pictures"
        raise errors.InvalidInput("query", f"its {of_what} cancel out: nothing is left to look for")
    vector = vectors.normalised(summed.astype(np.float32))
    away = math.fsum(part.weight for part in parts) < 0
    return Direction(vector, is_text, absolute / total, away, _understood(parts, away=away))


def _understood(parts: Sequence[Part], *, away: bool) -> float:
    """Return the mean of the parts that pull, or of those that push where pushing prevails.

    "beach - okapi" asks for beaches, whatever an okapi is.
    """
    ruling = [part for part in parts if (part.weight < 0) == away]
    known = math.fsum(abs(part.weight) * part.understood for part in ruling)
    return min(known / math.fsum(abs(part.weight) for part in ruling), 1.0)


def pair_of(kind: Kind, *, is_text: bool) -> Pair:
    """Return what a query of texts, or of pictures, is compared with in samples of `kind`."""
    if kind is Kind.TEXT:
        return Pair.TEXT_TEXT if is_text else Pair.TEXT_IMAGE
    return Pair.TEXT_IMAGE if is_text else Pair.IMAGE_IMAGE


def calibrated(cosines: Doubles, calibration: Calibration | None) -> Doubles:
    """Return scores in [0, 1], rising with the cosines; without constants the cosines, clipped."""
    return np.clip(cosines, 0.0, 1.0) if calibration is None else calibration.scores(cosines)


def scored(
    cosines: Doubles, direction: Direction, kind: Kind, calibrations: Mapping[Pair, Calibration]
) -> Doubles:
    """Return the scores of samples of `kind`, rising with their cosines to the direction.

    A picture matches a text if the text means something, and then as the cosine says. Texts are
    compared as they are written, whatever they mean.
    """
    calibration = calibrations.get(pair_of(kind, is_text=direction.is_text))
    if direction.pushes_away:
        return most(direction, kind) * (1.0 - calibrated(-cosines, calibration))
    return most(direction, kind) * calibrated(cosines, calibration)


def most(direction: Direction, kind: Kind) -> float:
    """Return the highest score that a sample of `kind` may have."""
    return direction.understood if direction.is_text and kind is not Kind.TEXT else 1.0
