"""Groups by perceptual hash are those of comparing every pair, and come quickly for many photos."""

import time

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.samples import PhotoFacts
from ui import looks


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


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 60), distance=st.integers(0, 16))
def test_groups_are_the_connected_components(seed: int, count: int, distance: int) -> None:
    photos = [photo(number, look) for number, look in enumerate(near_hashes(seed, count))]
    telling = list(filter(looks.is_telling, photos))
    graph = networkx.Graph(
        (one.photo_id, other.photo_id)
        for at, one in enumerate(telling)
        for other in telling[:at]
        if looks.differing_bits(one, other) <= distance
    )
    expected = set(map(frozenset, networkx.connected_components(graph)))
    found = looks.groups(photos, distance)
    assert {frozenset(facts.photo_id for facts in group) for group in found} == expected
    assert [len(group) for group in found] == sorted(map(len, found), reverse=True)


@pytest.mark.parametrize("look", [0, 1, 2**64 - 1])
def test_plain_surfaces_and_photos_without_a_hash_are_in_no_group(look: int) -> None:
    without = PhotoFacts("ab" * 32, 4, 3, 9, "JPEG")
    assert looks.groups([photo(1, look), photo(2, look), without, without], 4) == []


def test_pictures_of_other_shapes_are_not_alike() -> None:
    look = 0xFF00FF00FF00FF00
    upright = photo(3, look, width=30, height=40)
    assert looks.groups([photo(1, look), upright], 4) == []
    cropped = photo(2, look, width=41)
    assert [len(group) for group in looks.groups([photo(1, look), cropped, upright], 4)] == [2]


def test_many_photos_that_are_all_the_same_are_one_group_at_once() -> None:
    photos = [photo(number, 0xFF00FF00FF00FF00) for number in range(20_000)]
    started = time.process_time()
    assert [len(group) for group in looks.groups(photos, 4)] == [20_000]
    assert time.process_time() - started < 5
