"""Groups of photos that are nearly the same."""

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis_service import close_vectors, duplicates
from analysis_service.specs import DuplicateKind, DuplicateParameters
from analysis_service.steps import Step
from common.samples import PhotoFacts
from common.vectors import Floats, normalised


def silent(step: Step, share: float) -> None:
    """Nobody listens."""


def near_copies(seed: int, count: int) -> Floats:
    """Return unit rows, many of them close to others."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(1, count // 3), 6))
    rows = centres[rng.integers(len(centres), size=count)]
    return normalised((rows + 0.2 * rng.normal(size=rows.shape)).astype(np.float32))


@settings(max_examples=80)
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
    found = close_vectors.groups(vectors, least, report=silent, pairs=pairs)
    cosines = vectors @ vectors.T
    graph = networkx.Graph(np.argwhere(cosines >= least).tolist())
    expected = {frozenset(c) for c in networkx.connected_components(graph) if len(c) > 1}
    assert {frozenset(rows.tolist()) for rows, _ in found} == expected
    for rows, min_cosine in found:
        inside = cosines[np.ix_(rows, rows)]
        assert min_cosine == pytest.approx(inside[inside >= least].min(), abs=2e-6)


def semantic(vectors: Floats, least: float = 0.96) -> list[list[int]]:
    """Return the rows of each group, ascending."""
    photos = [PhotoFacts(f"{row:064x}", 4, 3, 9, "JPEG") for row in range(len(vectors))]
    asked = DuplicateParameters(DuplicateKind.SEMANTIC, least)
    found = duplicates.find(vectors, photos, asked, report=silent)
    return [sorted(copy.row for copy in group.copies) for group in found.groups]


def test_largest_group_comes_first() -> None:
    assert semantic(np.eye(4, dtype=np.float32)[[3, 0, 0, 1, 1, 1]]) == [[3, 4, 5], [1, 2]]


def test_equal_vectors_are_found_at_a_cosine_of_one() -> None:
    vectors = np.repeat(near_copies(5, 3), 2, axis=0)
    assert semantic(vectors, 1.0) == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("kind", DuplicateKind)
def test_too_few_photos_make_no_group(count: int, kind: DuplicateKind) -> None:
    photos = [PhotoFacts("ab" * 32, 4, 3, 9, "JPEG", perceptual_hash="ff00" * 4)] * count
    vectors = np.ones((count, 1), dtype=np.float32)
    assert duplicates.find(vectors, photos, DuplicateParameters(kind), report=silent).groups == ()


def test_a_chain_is_one_group_that_says_who_is_not_like_the_best() -> None:
    turns = np.array([0, 0.2, 0.4])
    vectors = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    photos = [PhotoFacts(f"{row:064x}", 40 - 9 * row, 30, 9, "JPEG") for row in range(3)]
    asked = DuplicateParameters(DuplicateKind.SEMANTIC, 0.97)
    (group,) = duplicates.find(vectors, photos, asked, report=silent).groups
    assert [(copy.row, copy.like_best) for copy in group.copies] == [
        *((0, True), (1, True), (2, False))
    ]
    assert group.why == "most pixels"
    assert group.min_cosine == pytest.approx(np.cos(0.2), abs=1e-5)
