"""Maps are centred, scaled, repeatable, and bear any number of samples."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from analysis_service import maps, tsne
from analysis_service.specs import MapParameters
from analysis_service.steps import Step
from common.vectors import Floats, normalised

QUICK = MapParameters(iterations=250)


def silent(step: Step, share: float) -> None:
    """Nobody listens."""


def random_units(count: int, dimension: int = 16) -> Floats:
    """Return unit rows in no particular place."""
    rows = np.random.default_rng(count).normal(size=(count, dimension))
    return normalised(rows.astype(np.float32))


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 11, 40])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_map_is_centred_and_reaches_one(count: int, dimensions: int) -> None:
    wanted = MapParameters(dimensions=dimensions, iterations=250)
    points = maps.draw(random_units(count), wanted, report=silent).points
    assert points.shape == (count, 3)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-5)
    assert np.linalg.norm(points, axis=1).max() == pytest.approx(1, abs=1e-5)
    assert dimensions == 3 or not points[:, 2].any()


@pytest.mark.parametrize(
    "vectors", [np.zeros((0, 1)), random_units(1), random_units(1).repeat(9, 0)]
)
def test_nothing_to_tell_apart_lies_at_the_centre(vectors: Floats) -> None:
    points = maps.draw(vectors.astype(np.float32), QUICK, report=silent).points
    np.testing.assert_array_equal(points, np.zeros((len(vectors), 3)))


@pytest.mark.parametrize("dimension", [2, 16])
def test_two_places_many_times_give_finite_points(dimension: int) -> None:
    vectors = random_units(2, dimension).repeat(10, axis=0)
    points = maps.draw(vectors, QUICK, report=silent).points
    assert np.isfinite(points).all()
    assert np.linalg.norm(points, axis=1).max() == pytest.approx(1, abs=1e-5)


def places(count: int, each: int) -> Floats:
    """Return `each` unit rows around each of `count` centres."""
    centres = random_units(count, 12).repeat(each, axis=0)
    noise = 0.05 * np.random.default_rng(0).normal(size=centres.shape)
    return normalised((centres + noise).astype(np.float32))


@pytest.mark.parametrize("threads", [1, 2])
def test_same_seed_gives_the_same_map(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(tsne, "MANY", 1 if threads == 2 else 1000)
    vectors = places(3, 20)
    first, second = (maps.draw(vectors, QUICK, report=silent).points for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_what_is_alike_lies_together() -> None:
    points = maps.draw(places(5, 30), MapParameters(), report=silent).points
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argmin(gaps, axis=1)
    assert np.mean(nearest // 30 == np.arange(150) // 30) > 0.95


def test_progress_is_told_every_few_iterations() -> None:
    told: list[tuple[Step, float]] = []
    maps.draw(random_units(30), QUICK, report=lambda *news: told.append(news))
    shares = [share for step, share in told if step is Step.TSNE]
    assert len(shares) >= 24
    assert shares == sorted(shares)
    assert 0.95 <= shares[-1] <= 1


@pytest.mark.parametrize("shape", [(40, 6), (40, 60)])
def test_pca_alone_keeps_the_widest_directions(shape: tuple[int, int]) -> None:
    rows = np.random.default_rng(0).normal(size=shape) * np.linspace(5, 1, shape[1])
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    drawn = maps.draw(vectors, MapParameters(pca_only=True), report=silent).points
    expected = PCA(3).fit_transform(vectors)
    expected /= np.linalg.norm(expected, axis=1).max()
    np.testing.assert_allclose(np.abs(drawn), np.abs(expected), atol=1e-4)
