"""The constants of a model's scores: fitted to cosines, written beside the weights, read back."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from common.calibration import Calibration, Pair

Doubles = npt.NDArray[np.float64]
FILE = "semapix.json"
_STEPS = 200
_NEARLY_ALL = 0.999


Calibrations = Mapping[Pair, Calibration]


def fit(matched: npt.ArrayLike, unmatched: npt.ArrayLike) -> Calibration:
    """Return the logistic of most likelihood when half of all pairs match.

    Both are cosines of any shape. The targets are smoothed after Platt (1999), so that the slope
    stays finite when nothing overlaps. Raises ValueError if matched pairs are not closer.
    """
    yes, no = np.ravel(matched).astype(np.float64), np.ravel(unmatched).astype(np.float64)
    if not len(yes) or not len(no) or yes.mean() <= no.mean():
        raise ValueError(f"{len(yes)} matched pairs are not closer than {len(no)} unmatched ones")
    cosines = np.concatenate([yes, no])
    centre, spread = float(cosines.mean()), float(cosines.std())
    targets = np.repeat([(len(yes) + 1) / (len(yes) + 2), 1 / (len(no) + 2)], [len(yes), len(no)])
    shares = np.repeat([0.5 / len(yes), 0.5 / len(no)], [len(yes), len(no)])
    design = np.stack([(cosines - centre) / spread, np.ones_like(cosines)], axis=1)
    slope, offset = logistic(design, targets=targets, shares=shares).tolist()
    return Calibration(slope / spread, offset - slope * centre / spread)


class Sides(Protocol):
    """Cosines of matched and of unmatched pairs."""

    @property
    def matched(self) -> npt.NDArray[np.float32]: ...

    @property
    def unmatched(self) -> npt.NDArray[np.float32]: ...


def fit_every(pairs: Mapping[Pair, Sides]) -> dict[Pair, Calibration]:
    """Return the logistic of each pair, that of two texts made as steep as order asks for.

    A text that says the same to the letter shall come before the photo that shows it best, so that
    at a cosine of 1 it scores what nearly all matched photos do not. Where 0.5 lies stays.
    """
    fitted = {pair: fit(each.matched, each.unmatched) for pair, each in pairs.items()}
    photos, text = fitted[Pair.TEXT_IMAGE], fitted[Pair.TEXT_TEXT]
    best = float(np.quantile(pairs[Pair.TEXT_IMAGE].matched, _NEARLY_ALL))
    middle = -text.offset / text.slope
    if middle < 1:
        slope = max(text.slope, (photos.slope * best + photos.offset) / (1 - middle))
        fitted[Pair.TEXT_TEXT] = Calibration(slope, -slope * middle)
    return fitted


def logistic(
    design: Doubles, *, targets: Doubles, shares: Doubles, ridge: Doubles | float = 0.0
) -> Doubles:
    """Return the coefficients, shape (k,), of the logistic regression on `design`, shape (n, k).

    `shares` weigh the rows and sum to 1; `ridge` times each squared coefficient, halved, is added
    to the loss. Columns should have a spread of about one. Newton's method.
    """
    ridged, weights = np.eye(design.shape[1]) * (1e-9 + ridge), np.zeros(design.shape[1])
    for _ in range(_STEPS):
        guess = 0.5 * (1 + np.tanh(0.5 * design @ weights))
        gradient = design.T @ (shares * (guess - targets)) + ridge * weights
        curvature = (design * (shares * guess * (1 - guess))[:, None]).T @ design
        step = np.linalg.solve(curvature + ridged, gradient)
        weights -= step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-10:
            break
    return weights


def error_share(
    calibration: Calibration, matched: npt.ArrayLike, unmatched: npt.ArrayLike
) -> float:
    """Return the share of pairs on the wrong side of 0.5, in [0, 1]; each side counts half."""
    missed = (calibration.scores(matched) < 0.5).mean()
    wrong = (calibration.scores(unmatched) >= 0.5).mean()
    return float(missed + wrong) / 2


def to_json(calibrations: Calibrations) -> str:
    """Return the text of a model's semapix.json."""
    table = {
        pair.name.lower(): {name: round(number, 4) for name, number in asdict(value).items()}
        for pair, value in calibrations.items()
    }
    return json.dumps({"calibrations": table}, indent=2) + "\n"


def load(path: Path) -> Calibrations:
    """Return the constants in `path`. Raises ValueError unless it has a positive slope per pair."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))["calibrations"]
        found = {pair: _calibration(**table[pair.name.lower()]) for pair in Pair}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} does not hold the calibration of every pair: {error}") from error
    for pair, value in found.items():
        if not value.slope > 0 or not math.isfinite(value.slope + value.offset):
            name = f"{path}: {pair.name.lower()}"
            raise ValueError(f"{name} = {value}: slope is not positive, or one is not finite")
    return found


def _calibration(slope: object, offset: object) -> Calibration:
    return Calibration(float(str(slope)), float(str(offset)))
