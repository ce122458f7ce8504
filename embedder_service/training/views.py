"""Views of a picture: all of it, then parts in other light, so that few photos teach more."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance

from embedder_service import mini_towers

LEAST_SHARE = 0.35
ASPECT = 4 / 3
LIGHT = 0.25
_CHANGES = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)


def view(picture: Image.Image, number: int, seed: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Return view `number` of an RGB picture as the tower's square; number 0 is all of it.

    The same `seed` gives the same view.
    """
    if number == 0:
        return mini_towers.square(picture)
    random = np.random.default_rng((*seed, number))
    part = picture.crop(_part(picture.size, random))
    if random.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    small = Image.fromarray(mini_towers.square(part))
    for change in _CHANGES:
        small = change(small).enhance(1 + LIGHT * float(random.uniform(-1, 1)))
    return np.asarray(small, dtype=np.uint8)


def _part(size: tuple[int, int], random: np.random.Generator) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom, px, of a part of at least 35 % of the picture."""
    share = random.uniform(LEAST_SHARE, 1)
    stretch = np.exp(random.uniform(-1, 1) * np.log(ASPECT))
    sides = np.minimum(1, np.sqrt(share) * np.array([stretch, 1 / stretch]))
    start = random.random(2) * (1 - sides)
    corners = np.concatenate([start, start + sides]) * np.tile(size, 2)
    left, top, right, bottom = (round(float(value)) for value in corners)
    return left, top, right, bottom
