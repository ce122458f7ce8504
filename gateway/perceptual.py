"""A hash of what a picture looks like: alike pictures have hashes that differ in few bits.

The signs of the lowest frequencies of a discrete cosine transform, as in Zauner, "Implementation
and Benchmarking of Perceptual Image Hash Functions" (2010), section 3.2.1.
"""

import numpy as np
from PIL import Image

from common.vectors import Floats

SIDE_PX, FREQUENCIES = 32, 8


def _low_cosines() -> Floats:
    """Return the cosines of the frequencies 1 to 8, shape (8, 32): 0 is but the brightness."""
    frequency = np.arange(1, FREQUENCIES + 1)[:, None]
    place = 2 * np.arange(SIDE_PX)[None] + 1
    return np.cos(np.pi * frequency * place / (2 * SIDE_PX)).astype(np.float32)


def perceptual_hash(image: Image.Image) -> str:
    """Return 64 bits as 16 hex digits: row by row, set where a frequency is above the median."""
    small = image.convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX, reducing_gap=2.0)
    cosines = _low_cosines()
    found = cosines @ np.asarray(small, np.float32) @ cosines.T
    bits = found > np.median(found)
    return np.packbits(bits).tobytes().hex()
