"""Pixels measured: whether two pictures are the same one, and which of two is sharper."""

import hashlib

import numpy as np
from PIL import Image

HASH_BYTES = 16


def pixel_hash(image: Image.Image) -> str:
    """Return 32 hex digits that only the same pixels in the same shape have."""
    digest = hashlib.sha256(f"{image.mode} {image.size}".encode())
    digest.update(image.tobytes())
    return digest.digest()[:HASH_BYTES].hex()


def sharpness(image: Image.Image) -> float:
    """Return the variance of the Laplacian of the brightness, at least 0.

    Comparable between pictures of one size that show the same.
    """
    grey = np.asarray(image.convert("L"), dtype=np.int16)
    if min(grey.shape) < 3:
        return 0.0
    sides = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.var(sides - 4 * grey[1:-1, 1:-1]))
