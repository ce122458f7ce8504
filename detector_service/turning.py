"""Pictures turned by quarters: where a box lies after the turn, and where it lay before."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Sides = tuple[float, float, float, float]
Grey = npt.NDArray[np.uint8]


def turned(grey: Grey, quarters: int) -> Grey:
    """Return the picture, shape (h, w), turned against the clock, ready for OpenCV."""
    return np.ascontiguousarray(np.rot90(grey, quarters))


def sides(corners: Sides, quarters: int, *, size: tuple[float, float]) -> Sides:
    """Return left, top, right, bottom after as many quarters against the clock.

    `corners` are those before it, in a picture of `size`, (width, height).
    """
    left, top, right, bottom = corners
    width, height = size
    for _ in range(quarters % 4):
        left, top, right, bottom = top, width - right, bottom, width - left
        width, height = height, width
    return left, top, right, bottom


def on_its_head(box: Sequence[float], grey: Grey) -> list[float]:
    """Return left, right, top, bottom of a box of the picture after two quarters."""
    height, width = grey.shape
    left, right, top, bottom = box
    return [width - right, width - left, height - bottom, height - top]


def corners_on_their_heads(corners: Sequence[Sequence[float]], grey: Grey) -> list[list[float]]:
    """Return the four corners after two quarters, again from the upper left one clockwise."""
    height, width = grey.shape
    return [[width - x, height - y] for x, y in (*corners[2:], *corners[:2])]
