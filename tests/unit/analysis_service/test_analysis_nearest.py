"""The nearest others are those of a whole distance matrix."""

import numpy as np
import pytest

from analysis_service import nearest
from common.vectors import Floats, normalised


def units(count: int, seed: int) -> Floats:
    """Return unit rows of 8 dimensions."""
    rows = np.random.default_rng(seed).normal(size=(count, 8))
    return normalised(rows.astype(np.float32))


@pytest.mark.parametrize("pairs", [1, 100, 10_000])
def test_others_are_the_nearest_without_oneself(pairs: int) -> None:
    vectors, shares = units(40, 0), []
    near, distances = nearest.others(vectors, 5, report=shares.append, pairs=pairs)
    whole = 1 - vectors @ vectors.T
    np.fill_diagonal(whole, np.inf)
    np.testing.assert_array_equal(near, np.argsort(whole, axis=1)[:, :5])
    np.testing.assert_allclose(distances, np.sort(whole, axis=1)[:, :5], atol=1e-6)
    assert shares[-1] == 1


def test_no_more_others_than_there_are() -> None:
    near, _ = nearest.others(units(3, 0), 10, report=lambda _share: None)
    assert near.shape == (3, 2)


def test_among_known_ones_the_nearest_are_found() -> None:
    vectors, known = units(10, 0), units(30, 1)
    near, distances = nearest.among(vectors, known, 4)
    whole = 1 - vectors @ known.T
    np.testing.assert_array_equal(near, np.argsort(whole, axis=1)[:, :4])
    np.testing.assert_allclose(distances, np.sort(whole, axis=1)[:, :4], atol=1e-6)
    assert nearest.among(vectors, known[:2], 4)[0].shape == (10, 2)
