"""The best of photos that show the same: which to keep, and why."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from common.samples import PhotoFacts

# So much less is no worse: the same picture scaled by a program differs by a pixel or two.
NEARLY_PIXELS, NEARLY_SHARP = 0.95, 0.9


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of one photo of a group; `sharpness` 0 where its thumbnail cannot be had."""

    facts: PhotoFacts
    sharpness: float

    @property
    def pixels(self) -> int:
        return self.facts.width * self.facts.height


def sharpness(jpeg: bytes) -> float:
    """Return the variance of the Laplacian of a picture's brightness, at least 0.

    Comparable between pictures of the same size only. Raises OSError for what is no picture.
    """
    grey = np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"), dtype=np.float32)
    if min(grey.shape) < 3:
        return 0.0
    sides = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.var(sides - 4 * grey[1:-1, 1:-1]))


def best(looks: Sequence[Look]) -> tuple[Look, str]:
    """Return the best of at least one photo, and why it is.

    The most pixels, of those the sharpest, of those the most bytes, then the one imported first.
    """
    left, reasons = list(looks), []
    for reason, value, share in _MEASURES:
        most = max(map(value, left))
        better = [look for look in left if value(look) >= share * most]
        if len(better) < len(left):
            reasons.append(reason)
        left = better
    if len(left) > 1:
        reasons.append("imported first")
    chosen = min(left, key=lambda look: (look.facts.imported_at_s, look.facts.photo_id))
    return chosen, ", ".join(reasons)


_MEASURES: tuple[tuple[str, Callable[[Look], float], float], ...] = (
    ("most pixels", lambda look: look.pixels, NEARLY_PIXELS),
    ("sharpest", lambda look: look.sharpness, NEARLY_SHARP),
    ("most bytes", lambda look: look.facts.bytes, 1.0),
)
