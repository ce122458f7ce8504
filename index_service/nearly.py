"""Where a text is nearly part of another: the fewest wrong, missing and extra letters.

After Sellers (1980): the table of edit distances whose first row is free, so that a match may
begin anywhere, filled for all texts at once.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_SHORTEST = 4
_LETTERS_PER_ERROR = 4
_LONGEST = 512
Counts = npt.NDArray[np.int16]


def errors_allowed(length: int) -> int:
    """Return how many letters of a text of `length` may be wrong: 1 of 4 to 8, 2 of 9 to 12, ..."""
    return max(1, (length - 1) // _LETTERS_PER_ERROR) if length >= _SHORTEST else 0


def distances(texts: Sequence[str], wanted: str) -> Counts:
    """Return the fewest edits that make `wanted` part of each text, shape (n,).

    Letters are compared as they are; of a text its first 512 are looked at.
    """
    letters = _letters(texts)
    column = np.repeat(np.arange(len(wanted) + 1, dtype=np.int16)[:, None], len(texts), axis=1)
    fewest = column[-1].copy()
    for place in range(letters.shape[1]):
        column = _next(column, letters[:, place], wanted)
        np.minimum(fewest, column[-1], out=fewest)
    return np.asarray(fewest, np.int16)


def _next(column: Counts, letters: npt.NDArray[np.uint32], wanted: str) -> Counts:
    """Return the distances of every beginning of `wanted` with one more letter of each text."""
    following = np.empty_like(column)
    following[0] = 0
    for row, letter in enumerate(wanted, 1):
        changed = column[row - 1] + (letters != ord(letter))
        np.minimum(changed, np.minimum(column[row], following[row - 1]) + 1, out=following[row])
    return following


def _letters(texts: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return the code points of each text, filled up with 0."""
    rows = [np.frombuffer(text[:_LONGEST].encode("utf-32-le"), "<u4") for text in texts]
    table = np.zeros((len(rows), max(map(len, rows), default=0)), np.uint32)
    for row, codes in zip(table, rows, strict=True):
        row[: len(codes)] = codes
    return table
