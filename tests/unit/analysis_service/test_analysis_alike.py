"""Groups by perceptual hash are those of comparing every pair, and come quickly for many photos."""

import time

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis_service import alike
from analysis_service.steps import Step
from common.samples import PhotoFacts


def silent(step: Step, share: float) -> None:
    """Nobody listens."""


def photo(number: int, look: int, *, width: int = 40, height: int = 30) -> PhotoFacts:
    """Return a photo with a hash of 64 bits."""
    return PhotoFacts(f"{number:064x}", width, height, 9, "JPEG", perceptual_hash=f"{look:016x}")


def near_hashes(seed: int, count: int) -> list[int]:
    """Return hashes, many of which differ from others in a few bits."""
    rng = np.random.default_rng(seed)
    centres = [int(rng.integers(2**63)) for _ in range(max(1, count // 4))]
    flips = rng.integers(64, size=(count, 5))
    kept = rng.integers(6, size=count)
    return [
        centres[row % len(centres)] ^ sum({1 << int(bit) for bit in flips[row, : kept[row]]})
        for row in range(count)
    ]


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 60),
    distance=st.integers(0, 16),
    shapes=st.integers(1, 4),
)
def test_groups_are_the_connected_components(
    seed: int, count: int, distance: int, shapes: int
) -> None:
    photos = [
        photo(number, look, width=38 + 3 * (number % shapes))
        for number, look in enumerate(near_hashes(seed, count))
    ]
    graph = networkx.Graph(
        (one, other)
        for one in range(count)
        for other in range(one)
        if alike.are_alike(photos[one], photos[other], distance)
    )
    expected = set(map(frozenset, networkx.connected_components(graph)))
    found = alike.groups(photos, distance, report=silent)
    assert {frozenset(rows.tolist()) for rows in found} == expected


@pytest.mark.parametrize("look", [0, 1, 2**64 - 1])
def test_plain_surfaces_and_photos_without_a_hash_tell_nothing(look: int) -> None:
    assert not alike.is_telling(photo(1, look))
    assert not alike.is_telling(PhotoFacts("ab" * 32, 4, 3, 9, "JPEG"))
    assert alike.is_telling(photo(1, 0xFF00FF00FF00FF00))


def test_pictures_of_other_shapes_are_not_alike() -> None:
    look = 0xFF00FF00FF00FF00
    upright = photo(3, look, width=30, height=40)
    assert alike.groups([photo(1, look), upright], 4, report=silent) == []
    cropped = photo(2, look, width=41)
    (rows,) = alike.groups([photo(1, look), upright, cropped], 4, report=silent)
    assert rows.tolist() == [0, 2]


def test_many_photos_that_are_all_the_same_are_one_group_at_once() -> None:
    photos = [photo(number, 0xFF00FF00FF00FF00) for number in range(20_000)]
    started = time.process_time()
    assert [len(rows) for rows in alike.groups(photos, 4, report=silent)] == [20_000]
    assert time.process_time() - started < 5
