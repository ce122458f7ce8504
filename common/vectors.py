"""Vectors as numpy rows and as bytes on the wire."""

import numpy as np
import numpy.typing as npt

from common import errors

Floats = npt.NDArray[np.float32]
UNIT_TOLERANCE = 1e-2


def normalised(vectors: Floats) -> Floats:
    """Return unit rows, float32, of the same shape (..., d); rows of zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def pack(vector: Floats) -> bytes:
    """Return one vector of shape (d,) as little-endian float32 bytes."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def unpack(values: bytes, *, dimension: int | None = None, field: str = "vector") -> Floats:
    """Return one unit vector, float32, shape (d,).

    Raises InvalidInput, naming `field`, unless it is finite, of unit length (within 1 %) and of
    `dimension`, where one is given.
    """
    if not values or len(values) % 4:
        raise errors.InvalidInput(field, f"{len(values)} bytes are not float32 values")
    vector = np.frombuffer(values, dtype="<f4").astype(np.float32)
    if dimension is not None and len(vector) != dimension:
        raise errors.InvalidInput(field, f"has {len(vector)} dimensions, the model has {dimension}")
    if not np.isfinite(vector).all():
        raise errors.InvalidInput(field, "holds a value that is not finite")
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if abs(length - 1) > UNIT_TOLERANCE:
        raise errors.InvalidInput(field, f"has length {length:.4g}, not 1: normalise it first")
    return vector
