"""From a cosine to a score that means the same for every pair of modalities: one logistic each.

The embedder fits and ships the constants, the index applies them; both must mean the same curve.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Pair(IntEnum):
    """Which two modalities a cosine compares; the numbers are those of the protos."""

    TEXT_IMAGE = 1
    IMAGE_IMAGE = 2
    TEXT_TEXT = 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """score = 1 / (1 + exp(-(slope * cosine + offset))); 0.5 is as likely matched as not.

    `slope` is positive, so that scores rise with cosines.
    """

    slope: float
    offset: float

    def scores(self, cosines: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return scores in [0, 1], float64, of the shape of `cosines`."""
        logits = self.slope * np.asarray(cosines, dtype=np.float64) + self.offset
        # As a hyperbolic tangent, which does not overflow.
        return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), dtype=np.float64)
