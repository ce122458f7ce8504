"""The suggested eps finds the clusters that are there, and melts none of them together."""

import os
from pathlib import Path

import numpy as np
import pytest

from analysis_service import clusters, suggestion
from analysis_service.specs import ClusterParameters
from analysis_service.steps import Step
from common.vectors import Floats, normalised

SHARED = Path(os.environ.get("SEMAPIX_DATA", Path(__file__).parents[4] / "shared" / "data"))
UNSPLASH = SHARED / "clip_vectors" / "unsplash125" / "image_embeddings.npy"


def silent(step: Step, share: float) -> None:
    """Nobody listens."""


@pytest.mark.parametrize("spread", [0.02, 0.1, 0.25])
@pytest.mark.parametrize("min_samples", [2, 4])
def test_suggestion_finds_the_groups_whatever_their_spread(spread: float, min_samples: int) -> None:
    rng = np.random.default_rng(1)
    rows = np.eye(32)[:8].repeat(12, axis=0) + spread * rng.normal(size=(96, 32)) / 3
    asked = ClusterParameters(min_samples=min_samples, suggest=True)
    found = clusters.find(normalised(rows.astype(np.float32)), asked, report=silent)
    groups = [{row // 12 for row in cluster.rows} for cluster in found.clusters]
    assert all(len(group) == 1 for group in groups)
    assert len(found.noise) < 20


def test_given_eps_is_kept_and_the_suggestion_stands_beside_it() -> None:
    rows = normalised(np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32))
    (found,) = clusters.find(rows, ClusterParameters(0.05), report=silent).runs
    assert found.eps == 0.05
    assert found.suggestion is not None
    assert list(found.suggestion.curve) == sorted(found.suggestion.curve)
    assert len(found.suggestion.curve) == 40


@pytest.mark.parametrize(
    "rows", [np.zeros((0, 3)), np.ones((1, 3)), np.ones((2, 3)), np.ones((9, 3))]
)
@pytest.mark.parametrize("min_samples", [1, 2, 20])
def test_hardly_any_or_identical_vectors_give_a_sensible_eps(
    rows: Floats, min_samples: int
) -> None:
    made = suggestion.suggest(rows.astype(np.float32), min_samples, report=silent)
    assert 0 < made.eps <= 2


@pytest.mark.skipif(not UNSPLASH.exists(), reason="needs the shared data")
def test_suggestion_melts_no_real_photos_together() -> None:
    rows = normalised(np.load(UNSPLASH).reshape(125, -1).astype(np.float32))
    found = clusters.find(rows, ClusterParameters(suggest=True), report=silent)
    assert len(found.clusters) >= 5
    assert len(found.clusters[0].rows) <= 0.4 * 125
