"""New samples come to their neighbours on a map, and nothing that is on it moves."""

import numpy as np
import pytest

from analysis_service import placing
from analysis_service.placing import PlacedMap
from common.samples import Kind, Sample
from common.vectors import Floats, normalised


def samples(*numbers: int) -> tuple[Sample, ...]:
    """Return samples by number."""
    return tuple(Sample(f"{number:032x}", "ab" * 32, Kind.PHOTO) for number in numbers)


def kept(*numbers: int) -> PlacedMap:
    """Return a map of samples at random places."""
    points = np.random.default_rng(0).normal(size=(len(numbers), 3)).astype(np.float32)
    return PlacedMap(samples(*numbers), points, np.zeros(len(numbers), dtype=np.bool_))


def units(count: int) -> Floats:
    """Return unit rows of 8 dimensions."""
    rows = np.random.default_rng(count).normal(size=(count, 8))
    return normalised(rows.astype(np.float32))


def test_what_is_on_the_map_stays_and_what_is_gone_is_left_out() -> None:
    before = kept(1, 2, 3, 4)
    after = placing.place(before, samples(0, 2, 4, 9), units(4))
    np.testing.assert_array_equal(after.points[[1, 2]], before.points[[1, 3]])
    assert after.approximate.tolist() == [True, False, False, True]
    assert after.samples == samples(0, 2, 4, 9)


def test_a_copy_of_a_photo_lies_where_the_photo_lies() -> None:
    before, vectors = kept(1, 2, 3, 4), units(4)
    after = placing.place(before, samples(1, 2, 3, 4, 5), np.concatenate([vectors, vectors[2:3]]))
    np.testing.assert_allclose(after.points[4], before.points[2], atol=1e-3)


def test_a_new_sample_lies_among_its_neighbours() -> None:
    before = kept(*range(50))
    vectors = units(51)
    after = placing.place(before, samples(*range(51)), vectors)
    near = np.argsort(-(vectors[:50] @ vectors[50]))[:3]
    low, high = before.points[near].min(axis=0), before.points[near].max(axis=0)
    assert (low - 1e-5 <= after.points[50]).all()
    assert (after.points[50] <= high + 1e-5).all()


@pytest.mark.parametrize("numbers", [(), (7,), (7, 8)])
def test_a_map_of_which_nothing_is_left_has_the_new_at_its_centre(numbers: tuple[int, ...]) -> None:
    after = placing.place(kept(), samples(*numbers), units(len(numbers)))
    np.testing.assert_array_equal(after.points, np.zeros((len(numbers), 3)))
    assert after.approximate.all()
