"""Groups of photos that are nearly the same."""

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis_service import duplicates
from analysis_service.specs import DuplicateParameters
from analysis_service.steps import Step
from common.vectors import Floats, normalised


def silent(step: Step, share: float) -> None:
    """Nobody listens."""


def near_copies(seed: int, count: int) -> Floats:
    """Return unit rows, many of them close to others."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(1, count // 3), 6))
    rows = centres[rng.integers(len(centres), size=count)]
    return normalised((rows + 0.2 * rng.normal(size=rows.shape)).astype(np.float32))


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 40),
    least=st.floats(0.5, 0.999),
    pairs=st.sampled_from([1, 60, 10_000]),
)
def test_groups_are_the_connected_components(
    seed: int, count: int, least: float, pairs: int
) -> None:
    vectors = near_copies(seed, count)
    found = duplicates.find(vectors, DuplicateParameters(least), report=silent, pairs=pairs)
    cosines = vectors @ vectors.T
    graph = networkx.Graph(np.argwhere(cosines >= least).tolist())
    expected = {frozenset(c) for c in networkx.connected_components(graph) if len(c) > 1}
    assert {frozenset(group.rows) for group in found.groups} == expected
    for group in found.groups:
        inside = cosines[np.ix_(group.rows, group.rows)]
        assert group.min_cosine == pytest.approx(inside[inside >= least].min(), abs=2e-6)


def test_largest_group_comes_first() -> None:
    vectors = np.eye(4, dtype=np.float32)[[3, 0, 0, 1, 1, 1]]
    found = duplicates.find(vectors, DuplicateParameters(), report=silent)
    assert [group.rows for group in found.groups] == [(3, 4, 5), (1, 2)]


def test_equal_vectors_are_found_at_a_cosine_of_one() -> None:
    vectors = np.repeat(near_copies(5, 3), 2, axis=0)
    found = duplicates.find(vectors, DuplicateParameters(1.0), report=silent)
    assert [group.rows for group in found.groups] == [(0, 1), (2, 3), (4, 5)]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_photos_make_no_group(count: int) -> None:
    vectors = np.ones((count, 1), dtype=np.float32)
    assert duplicates.find(vectors, DuplicateParameters(), report=silent).groups == ()
