"""Picture to picture: whether the nearest other thing is of the same class."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from common import vectors

CLASSES = 20


def kept(classes: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which things are of the 20 most frequent classes."""
    counts = Counter(classes)
    frequent = {name for name, count in counts.most_common(CLASSES) if count > 1}
    return np.array([name in frequent for name in classes])


def share(rows: npt.NDArray[np.floating], classes: Sequence[str]) -> float:
    """Return the share of things whose nearest other one has their class, leaving each out once.

    `rows` are of any length and scale; things of rare classes are left out.
    """
    chosen = kept(classes)
    names, unit = np.array(classes)[chosen], vectors.normalised(rows[chosen].astype(np.float32))
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    return float((names[cosines.argmax(1)] == names).mean())
