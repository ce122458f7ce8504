"""Which vectors a graph was built of, in eight bytes each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.vectors import Floats
from index_service.changes import Numbers
from index_service.vector_index import Rows

Digests = npt.NDArray[np.uint64]
_CHUNK = 4_096
_SEED = 20_231


@dataclass(frozen=True, slots=True)
class Members:
    """Samples by rising number, and a digest of the vector of each; both (n,)."""

    numbers: Numbers
    digests: Digests

    def cover(self, chunks: Iterable[Rows]) -> bool:
        """Return whether all rows are members, with the very vectors that they have now."""
        return all(self._have(rows) for rows in chunks)

    def _have(self, rows: Rows) -> bool:
        places = np.searchsorted(self.numbers, rows.numbers)
        if len(places) and places[-1] >= len(self.numbers):
            return False
        same = self.numbers[places] == rows.numbers
        return bool(np.all(same & (self.digests[places] == digests_of(rows.vectors))))


class Groups:
    """Members in groups of equal vectors, the groups numbered from 0 by their first members."""

    def __init__(self, members: Members) -> None:
        _, firsts, group_of, sizes = np.unique(
            members.digests, return_index=True, return_inverse=True, return_counts=True
        )
        self._numbers, self._ends = members.numbers, None
        if len(sizes) < len(members.numbers):
            rising = np.argsort(firsts)
            order = np.argsort(firsts[group_of], kind="stable")
            self._numbers, self._ends = self._numbers[order], np.cumsum(sizes[rising])

    def __len__(self) -> int:
        return len(self._numbers if self._ends is None else self._ends)

    def firsts(self, start: int, stop: int) -> Numbers:
        """Return the first member of each group from `start` to `stop`, in this order."""
        which = np.arange(start, min(stop, len(self)))
        return self._numbers[which] if self._ends is None else self._numbers[self._starts(which)]

    def numbers(self, groups: npt.NDArray[np.intp]) -> Numbers:
        """Return all members of `groups`, group by group."""
        if self._ends is None:
            return self._numbers[groups]
        starts, ends = self._starts(groups), self._ends[groups]
        if np.sum(ends - starts) == len(groups):
            return self._numbers[starts]
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.concatenate([self._numbers[start:end] for start, end in spans])

    def _starts(self, groups: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        assert self._ends is not None
        return np.where(groups > 0, self._ends[groups - 1], 0)


def members_of(chunks: Iterable[Rows]) -> Members:
    """Return the members of a graph of these rows, which come by rising number."""
    numbers, digests = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for rows in chunks:
        numbers.append(rows.numbers)
        digests.append(digests_of(rows.vectors))
    return Members(np.concatenate(numbers), np.concatenate(digests))


def digests_of(vectors: Floats) -> Digests:
    """Return a 64-bit digest of the bits of each row of (n, d); chance mistakes none of them."""
    random = np.random.default_rng(_SEED)
    factors = random.integers(0, 2**63, vectors.shape[1], dtype=np.uint64) * np.uint64(2)
    factors += np.uint64(1)
    digests = np.empty(len(vectors), np.uint64)
    for at in range(0, len(vectors), _CHUNK):
        bits = np.ascontiguousarray(vectors[at : at + _CHUNK]).view(np.uint32)
        digests[at : at + _CHUNK] = bits.astype(np.uint64) @ factors
    return digests
