"""Short vectors keep cosines, and groups of equal members are one node each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from common.vectors import Floats, normalised
from index_service import shortening
from index_service.members import Groups, Members

DIMENSION = 200


def flat(count: int, *, seed: int, rank: int = 40) -> Floats:
    """Return unit rows that fill `rank` directions, the same for every seed."""
    directions = np.random.default_rng(0).standard_normal((rank, DIMENSION), dtype=np.float32)
    rng = np.random.default_rng(seed)
    return normalised(rng.standard_normal((count, rank), dtype=np.float32) @ directions)


def test_cosines_within_the_directions_that_samples_fill_are_kept() -> None:
    rows = flat(500, seed=1)
    fitted = shortening.fitted([rows[:300], rows[300:]], DIMENSION)
    query = fitted.of_query(flat(1, seed=2)[0])
    assert query.shape == (fitted.length,) == (shortening.LENGTH,)
    assert query @ query > 0.999
    np.testing.assert_allclose(fitted.of_rows(rows) @ query, rows @ flat(1, seed=2)[0], atol=1e-5)


def test_short_vectors_have_unit_length_whatever_is_left_out() -> None:
    rng = np.random.default_rng(3)
    rows = normalised(rng.standard_normal((300, DIMENSION), dtype=np.float32))
    fitted = shortening.fitted([rows], DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(fitted.of_rows(rows), axis=1), 1, atol=1e-5)
    query = fitted.of_query(rows[0])
    assert 0.4 < query @ query < 0.99


@given(st.lists(st.integers(1, 6), max_size=30))
def test_groups_hold_all_members_of_equal_vectors(digests: list[int]) -> None:
    numbers = 10 * np.arange(1, len(digests) + 1)
    groups = Groups(Members(numbers, np.array(digests, np.uint64)))
    wanted: dict[int, list[int]] = {}
    for number, digest in zip(numbers.tolist(), digests, strict=True):
        wanted.setdefault(digest, []).append(number)
    firsts = sorted(own[0] for own in wanted.values())
    assert groups.firsts(0, 100).tolist() == firsts
    found = [groups.numbers(np.array([at]))[0].tolist() for at in range(len(groups))]
    assert found == sorted(wanted.values())
    every, sizes = groups.numbers(np.arange(len(groups)))
    assert every.tolist() == [number for own in sorted(wanted.values()) for number in own]
    assert sizes.tolist() == [len(own) for own in sorted(wanted.values())]
