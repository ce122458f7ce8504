"""Photos that look alike by their perceptual hashes, found among 100,000 in seconds.

Two hashes that differ in at most d of 64 bits agree on one of d + 1 bands of bits whole (the
pigeonhole principle, as in Norouzi et al., "Fast Search in Hamming Space with Multi-Index Hashing",
2012): only hashes that share a band are compared.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from common.samples import PhotoFacts

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]
HASH_BITS = 64
MOST_DISTANCE = 16
# A hash has 32 bits set by its making; one of a plain surface has next to none and says nothing.
LEAST_SET, MOST_SET = 16, 48
MOST_ASPECT_RATIO = 1.1
BLOCK_PAIRS = 4_000_000


def groups(photos: Sequence[PhotoFacts], distance: int) -> list[list[PhotoFacts]]:
    """Return groups of at least two photos, a chain of photos that look alike being one.

    Alike are two whose hashes differ in at most `distance` bits, 0 to 16, and whose shapes agree to
    a tenth. Largest group first, then by first id. Photos without a telling hash are in none.
    """
    telling = sorted(filter(is_telling, photos), key=lambda facts: facts.photo_id)
    hashes = np.array([int(facts.perceptual_hash, 16) for facts in telling], dtype=np.uint64)
    aspects = np.array([facts.width / facts.height for facts in telling])
    parents = list(range(len(telling)))
    for first, second in _pairs(hashes, distance):
        ratio = aspects[first] / aspects[second]
        alike = np.maximum(ratio, 1 / ratio) <= MOST_ASPECT_RATIO
        for one, other in zip(first[alike].tolist(), second[alike].tolist(), strict=True):
            _join(parents, one, other)
    found: dict[int, list[PhotoFacts]] = {}
    for row, facts in enumerate(telling):
        found.setdefault(_root(parents, row), []).append(facts)
    return sorted((group for group in found.values() if len(group) > 1), key=lambda g: -len(g))


def is_telling(facts: PhotoFacts) -> bool:
    """Return whether the photo has a hash, and one of more than a plain surface."""
    if not facts.perceptual_hash:
        return False
    return LEAST_SET <= int(facts.perceptual_hash, 16).bit_count() <= MOST_SET


def differing_bits(first: PhotoFacts, second: PhotoFacts) -> int:
    """Return in how many bits the hashes of two photos differ."""
    return (int(first.perceptual_hash, 16) ^ int(second.perceptual_hash, 16)).bit_count()


def _pairs(hashes: Hashes, distance: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield pairs of rows within `distance`: each row of one hash with the first such, and so on.

    Rows of the same hash are tied in a chain: 100,000 black frames are no ten thousand million
    pairs.
    """
    order = np.argsort(hashes, kind="stable")
    same = hashes[order][1:] == hashes[order][:-1]
    yield order[:-1][same], order[1:][same]
    if distance:
        distinct, first_rows = np.unique(hashes, return_index=True)
        for first, second in _near(distinct, distance):
            yield first_rows[first], first_rows[second]


def _near(hashes: Hashes, distance: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield pairs of distinct hashes within `distance`, some of them several times."""
    edges = np.linspace(0, HASH_BITS, distance + 2).astype(int).tolist()
    for low, high in itertools.pairwise(edges):
        band = (hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order])) + 1
        for rows in np.split(order, starts):
            if len(rows) > 1:
                yield from _within(hashes, rows, distance)


def _within(hashes: Hashes, rows: Indices, distance: int) -> Iterator[tuple[Indices, Indices]]:
    size = max(1, BLOCK_PAIRS // len(rows))
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        near = np.bitwise_count(hashes[part][:, None] ^ hashes[rows][None]) <= distance
        first, second = np.nonzero(near)
        forward = part[first] < rows[second]
        yield part[first[forward]], rows[second[forward]]


def _join(parents: list[int], one: int, other: int) -> None:
    parents[_root(parents, other)] = _root(parents, one)


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = row = parents[parents[row]]
    return row
