"""HDBSCAN on a tree of our own finds what scikit-learn's finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score

from analysis_service import hdbscan, neighbours, reach_tree
from analysis_service.steps import Step
from common.vectors import Floats, normalised


def silent(step: Step, share: float) -> None:
    """Nobody listens."""


def clumped(seed: int, count: int, dimension: int, *, twins: bool = False) -> Floats:
    """Return unit rows around a few centres, some of them the same."""
    rng = np.random.default_rng(seed)
    centres = 2 * rng.normal(size=(5, dimension))
    rows = centres[rng.integers(5, size=count)] + rng.normal(size=(count, dimension))
    if twins:
        rows[: count // 3] = rows[-(count // 3) :] if count >= 3 else rows[: count // 3]
    return normalised(rows.astype(np.float32))


@settings(max_examples=80)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(2, 70),
    least=st.integers(2, 6),
    twins=st.booleans(),
)
def test_tree_weighs_as_much_as_that_of_all_distances(
    seed: int, count: int, least: int, *, twins: bool
) -> None:
    vectors = clumped(seed, count, 5, twins=twins)
    found = reach_tree.tree(vectors, least, report=silent)
    (_, distances), *_ = neighbours.distance_blocks(vectors, vectors)
    euclidean = np.maximum(np.sqrt(2 * distances), reach_tree.SAME)
    others = np.sort(euclidean + np.diag(np.full(count, np.inf)), axis=1)
    cores = others[:, min(least, count) - 2]
    reach = np.maximum(np.maximum(euclidean, cores), cores[:, None])
    assert found.nnz == 2 * (count - 1)
    assert found.sum() / 2 == pytest.approx(minimum_spanning_tree(reach).sum(), rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("least", [2, 5, 9])
def test_labels_are_those_of_scikit_learn_but_for_rounding(seed: int, least: int) -> None:
    vectors = clumped(seed, 500, 12)
    ours = hdbscan.labels(vectors, least, report=silent)
    model = HDBSCAN(min_cluster_size=least, min_samples=least, copy=True)
    theirs = model.fit(vectors.astype(np.float64)).labels_
    assert adjusted_rand_score(ours, theirs) > 0.98
    assert ours.max() == theirs.max()


def test_progress_rises() -> None:
    told: list[float] = []
    reach_tree.tree(clumped(0, 80, 4), 3, report=lambda step, share: told.append(share))
    assert told[-1] == 1
    assert told[1:] == sorted(told[1:])
