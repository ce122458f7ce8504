"""Photos that look alike by their perceptual hashes, found among 100,000 in seconds.

Two hashes that differ in at most d of 64 bits agree on one of d + 1 bands of bits whole (the
pigeonhole principle, as in Norouzi et al., "Fast Search in Hamming Space with Multi-Index Hashing",
2012): only hashes that share a band are compared.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from analysis_service import neighbours
from analysis_service.neighbours import Edges, Indices, Report
from analysis_service.steps import Step
from common.samples import PhotoFacts

Hashes = npt.NDArray[np.uint64]
Floats64 = npt.NDArray[np.float64]
HASH_BITS = 64
# A hash has 32 bits set by its making; one of a plain surface has next to none and says nothing.
LEAST_SET, MOST_SET = 16, 48
MOST_ASPECT_RATIO = 1.1
BLOCK_PAIRS = 4_000_000


def groups(photos: Sequence[PhotoFacts], distance: int, *, report: Report) -> list[Indices]:
    """Return the rows of groups of at least two photos, a chain of alike ones being one group.

    Alike are two whose hashes differ in at most `distance` bits, 0 to 16, and whose shapes agree to
    a tenth. Every photo has a telling hash. In the order of their first rows.
    """
    hashes = np.array([int(facts.perceptual_hash, 16) for facts in photos], dtype=np.uint64)
    aspects = np.array([facts.width / facts.height for facts in photos])
    joined = neighbours.Components(len(photos))
    for edges in _gathered(_pairs(hashes, aspects, distance, report=report)):
        ratio = aspects[edges.first] / aspects[edges.second]
        joined.tie(edges.where(np.maximum(ratio, 1 / ratio) <= MOST_ASPECT_RATIO))
    return [rows for rows in neighbours.members(joined.labels()) if len(rows) > 1]


def are_alike(first: PhotoFacts, second: PhotoFacts, distance: int) -> bool:
    """Return whether two photos are alike by themselves."""
    ratio = first.width * second.height / (first.height * second.width)
    same_shape = max(ratio, 1 / ratio) <= MOST_ASPECT_RATIO
    return same_shape and differing_bits(first, second) <= distance


def is_telling(facts: PhotoFacts) -> bool:
    """Return whether the photo has a hash, and one of more than a plain surface."""
    if not facts.perceptual_hash:
        return False
    return LEAST_SET <= int(facts.perceptual_hash, 16).bit_count() <= MOST_SET


def differing_bits(first: PhotoFacts, second: PhotoFacts) -> int:
    """Return in how many bits the hashes of two photos differ."""
    return (int(first.perceptual_hash, 16) ^ int(second.perceptual_hash, 16)).bit_count()


def _gathered(pairs: Iterator[Edges]) -> Iterator[Edges]:
    """Yield the same pairs, many at a time: tying a few costs as much as tying many."""
    held: list[Edges] = []
    count = 0
    for edges in pairs:
        held.append(edges)
        count += len(edges.first)
        if count >= BLOCK_PAIRS:
            yield _together(held)
            held, count = [], 0
    yield _together(held)


def _together(held: Sequence[Edges]) -> Edges:
    empty = np.zeros(0, dtype=np.int64)
    return Edges(
        np.concatenate([empty, *(edges.first for edges in held)]),
        np.concatenate([empty, *(edges.second for edges in held)]),
    )


def _pairs(hashes: Hashes, aspects: Floats64, distance: int, *, report: Report) -> Iterator[Edges]:
    """Yield pairs of rows within `distance`, enough of them to tie what is alike together.

    Rows of one hash are chained by rising shape, and only one of each hash and shape meets others:
    100,000 copies of a frame are no ten thousand million pairs.
    """
    order = np.lexsort((aspects, hashes))
    same = hashes[order][1:] == hashes[order][:-1]
    yield Edges(order[:-1][same], order[1:][same])
    if distance:
        alone = ~same | (aspects[order][1:] != aspects[order][:-1])
        distinct = order[np.concatenate([[True], alone])[: len(order)]]
        for edges in _near(hashes[distinct], distance, report):
            yield Edges(distinct[edges.first], distinct[edges.second])


def _near(hashes: Hashes, distance: int, report: Report) -> Iterator[Edges]:
    """Yield pairs of hashes within `distance`, some of them several times."""
    edges = np.linspace(0, HASH_BITS, distance + 2).astype(int).tolist()
    for low, high in itertools.pairwise(edges):
        band = (hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order])) + 1
        for rows in np.split(order, starts):
            if len(rows) > 1:
                yield from _within(hashes, rows, distance)
        report(Step.COMPARING, high / HASH_BITS)


def _within(hashes: Hashes, rows: Indices, distance: int) -> Iterator[Edges]:
    size = max(1, BLOCK_PAIRS // len(rows))
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        near = np.bitwise_count(hashes[part][:, None] ^ hashes[rows][None]) <= distance
        first, second = np.nonzero(near)
        forward = part[first] < rows[second]
        yield Edges(part[first[forward]], rows[second[forward]])
