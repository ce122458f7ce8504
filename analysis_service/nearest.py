"""The nearest others of unit vectors, exactly, block by block."""

from collections.abc import Callable

import numpy as np

from analysis_service import neighbours
from analysis_service.neighbours import BLOCK_PAIRS, Indices
from common.vectors import Floats


def others(
    vectors: Floats, count: int, *, report: Callable[[float], None], pairs: int = BLOCK_PAIRS
) -> tuple[Indices, Floats]:
    """Return rows and cosine distances of each row's nearest others, shape (n, count) both.

    Nearest first, distances float32 in [0, 2]; `count` is at least 1 and lowered to n - 1.
    """
    count = max(1, min(count, len(vectors) - 1))
    near = np.empty((len(vectors), count), dtype=np.int64)
    distances = np.empty((len(vectors), count), dtype=np.float32)
    for rows, block in neighbours.distance_blocks(vectors, vectors, pairs=pairs):
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
        near[rows], distances[rows] = _least(block, count)
        report(rows.stop / len(vectors))
    return near, distances


def among(vectors: Floats, known: Floats, count: int) -> tuple[Indices, Floats]:
    """Return rows of `known` nearest to each of `vectors` and their distances, shape (n, count).

    Nearest first; `count` is lowered to the number of known ones, of which there is at least one.
    """
    count = min(count, len(known))
    near = np.empty((len(vectors), count), dtype=np.int64)
    distances = np.empty((len(vectors), count), dtype=np.float32)
    for rows, block in neighbours.distance_blocks(vectors, known):
        near[rows], distances[rows] = _least(block, count)
    return near, distances


def _least(block: Floats, count: int) -> tuple[Indices, Floats]:
    """Return columns and values of the least of each row, ascending."""
    chosen = np.argpartition(block, count - 1, axis=1)[:, :count]
    values = np.take_along_axis(block, chosen, axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(chosen, order, axis=1), np.take_along_axis(values, order, axis=1)
