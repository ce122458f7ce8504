"""How likely a model understands a text: a logistic on the text's vector, fitted to the model.

A text without a sense gets a unit vector like any other, and that lies near some photo or other.
But vectors of such texts lie apart from those of texts that mean something to the model, and a
linear probe (Alain and Bengio 2016) tells them apart.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from common.vectors import Floats

log = logging.getLogger(__name__)
FILE = "understanding.safetensors"
# No probe is surer than that; what is found for a text without a sense keeps its order.
LEAST = 0.02
# Coarser than what another batch or processor changes: a text read again means as much.
_DIGITS = 4
_WEIGHTS, _OFFSET, _FINGERPRINT = "weights", "offset", "fingerprint"


@dataclass(frozen=True, slots=True)
class Understanding:
    """Weights, float32, shape (d,), and offset of the log odds that a text is understood."""

    weights: Floats
    offset: float

    def of(self, texts: Floats) -> npt.NDArray[np.float64]:
        """Return how likely each text is understood, in [0.02, 1], of unit rows, shape (n, d)."""
        odds = texts.astype(np.float64) @ self.weights.astype(np.float64) + self.offset
        return np.maximum(np.round(0.5 * (1 + np.tanh(0.5 * odds)), _DIGITS), LEAST)


def save(found: Understanding, path: Path, *, fingerprint: str) -> None:
    """Write it for the model of that fingerprint."""
    tensors = {
        _WEIGHTS: found.weights.astype(np.float32),
        _OFFSET: np.array([found.offset], np.float32),
    }
    path.write_bytes(safetensors.numpy.save(tensors, {_FINGERPRINT: fingerprint}))


def load(path: Path, *, fingerprint: str) -> Understanding | None:
    """Return what `path` has; None without the file, and for one that was fitted to other weights.

    Raises ValueError for a file that is damaged.
    """
    if not path.is_file():
        return None
    try:
        with safetensors.safe_open(path, "numpy") as file:
            made_for = (file.metadata() or {}).get(_FINGERPRINT, "")
            weights, offset = file.get_tensor(_WEIGHTS), file.get_tensor(_OFFSET)
    except (OSError, safetensors.SafetensorError) as error:
        raise ValueError(f"{path} does not hold what tells texts apart: {error}") from error
    if made_for != fingerprint:
        log.warning(
            "%s was fitted to the model %s, this one is %s: every text counts as understood until"
            " `python -m embedder_service.finetuning.calibrating` fits it again",
            path,
            made_for[:12],
            fingerprint[:12],
        )
        return None
    return Understanding(weights, float(offset[0]))
