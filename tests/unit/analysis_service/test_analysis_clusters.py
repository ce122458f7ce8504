"""Clusters are scikit-learn's, ordered for a person."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from analysis_service import clusters, dbscan, neighbours, radius_graph
from analysis_service.radius_graph import Limits
from analysis_service.specs import ClusterParameters
from analysis_service.steps import Step
from common import errors
from common.vectors import Floats, normalised


def silent(step: Step, share: float) -> None:
    """Nobody listens."""


def clumped(seed: int, count: int, dimension: int) -> Floats:
    """Return unit rows around a few centres, some of them the same."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(4, dimension))
    rows = centres[rng.integers(4, size=count)] + rng.uniform(0, 1.5) * rng.normal(
        size=(count, dimension)
    )
    twins = rng.integers(count, size=(count // 8, 2))
    rows[twins[:, 0]] = rows[twins[:, 1]]
    return normalised(rows.astype(np.float32))


@settings(max_examples=150)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 60),
    dimension=st.integers(2, 8),
    eps=st.floats(0.005, 1.5),
    min_samples=st.integers(1, 6),
    pairs=st.sampled_from([1, 50, 10_000]),
)
def test_labels_are_those_of_scikit_learn(
    seed: int, count: int, dimension: int, eps: float, min_samples: int, pairs: int
) -> None:
    vectors = clumped(seed, count, dimension)
    ours = dbscan.labels(vectors, eps, min_samples, report=silent, limits=Limits(pairs))
    theirs = DBSCAN(eps=eps, min_samples=min_samples, metric="cosine").fit(vectors).labels_
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("eps", [1.0, np.nextafter(1.0, 0), np.nextafter(1.0, 2), 0.0, 2.0])
def test_distances_at_the_edge_of_numbers_are_compared_as_scikit_learn_does(eps: float) -> None:
    vectors = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32)
    graph = radius_graph.build(vectors, eps, report=silent, limits=Limits())
    within = (np.clip(1 - vectors @ vectors.T, 0, 2) <= np.float32(eps)).sum(1)
    np.testing.assert_array_equal(graph.neighbours, within)


def spread_around(centre: Floats, angles: list[float]) -> Floats:
    """Return unit rows at `angles` (radians) from `centre`, a unit axis of three dimensions."""
    side = np.roll(centre, 1)
    return np.stack([np.cos(angle) * centre + np.sin(angle) * side for angle in angles])


@pytest.fixture
def three_places() -> Floats:
    """Rows 0-1 and 2-6 in two places, row 7 alone."""
    x, y, z = np.eye(3, dtype=np.float32)
    pair, many = spread_around(x, [0.1, 0.0]), spread_around(y, [-0.2, 0.2, 0.3, 0.01, -0.3])
    return np.concatenate([pair, many, z[None]]).astype(np.float32)


def test_largest_cluster_comes_first_and_the_lonely_are_noise(three_places: Floats) -> None:
    found = clusters.find(three_places, ClusterParameters(), report=silent)
    assert [set(cluster.rows) for cluster in found.clusters] == [{2, 3, 4, 5, 6}, {0, 1}]
    assert found.noise == (7,)


def test_samples_come_nearest_to_the_centre_first(three_places: Floats) -> None:
    largest = clusters.find(three_places, ClusterParameters(), report=silent).clusters[0]
    assert largest.rows[0] == 5
    assert set(largest.rows[-2:]) == {4, 6}


def test_spread_is_the_mean_distance_to_the_centre() -> None:
    x = np.eye(3, dtype=np.float32)[0]
    vectors = spread_around(x, [0.3, -0.3]).astype(np.float32)
    (cluster,) = clusters.find(vectors, ClusterParameters(), report=silent).clusters
    assert cluster.spread == pytest.approx(1 - np.cos(0.3), abs=1e-5)


def test_clusters_of_one_size_keep_the_order_of_their_first_samples() -> None:
    vectors = np.repeat(np.eye(3, dtype=np.float32), 2, axis=0)
    found = clusters.find(vectors, ClusterParameters(), report=silent)
    assert [cluster.rows for cluster in found.clusters] == [(0, 1), (2, 3), (4, 5)]


def test_no_samples_make_no_clusters() -> None:
    found = clusters.find(np.zeros((0, 1), np.float32), ClusterParameters(), report=silent)
    assert (found.clusters, found.noise) == ((), ())


def test_progress_rises_within_each_step() -> None:
    told: list[tuple[Step, float]] = []
    dbscan.labels(
        clumped(1, 40, 4), 0.2, 3, report=lambda *t: told.append(t), limits=Limits(pairs=200)
    )
    for step in (Step.COUNTING, Step.TYING):
        shares = [share for at, share in told if at is step]
        assert len(shares) > 1
        assert shares == sorted(shares)
        assert shares[-1] == 1


def test_graph_that_would_be_too_large_is_refused_naming_an_eps_that_fits() -> None:
    vectors, limits = clumped(3, 400, 8), Limits(graph_bytes=40_000)
    with pytest.raises(errors.InvalidInput, match="eps = ") as refused:
        dbscan.labels(vectors, 1.9, 2, report=silent, limits=limits)
    fits = float(str(refused.value).split("eps = ")[1].split(" ")[0])
    graph = radius_graph.build(vectors, fits, report=silent, limits=limits)
    assert 0 < sum(len(edges.first) for edges in graph.edges()) * 4 <= 40_000


def test_refusal_comes_before_any_pair_is_kept() -> None:
    told: list[Step] = []
    with pytest.raises(errors.InvalidInput, match="nearly all vectors are the same"):
        dbscan.labels(
            np.ones((600, 1), np.float32),
            0.1,
            3,
            report=lambda step, _: told.append(step),
            limits=Limits(graph_bytes=1000),
        )
    assert told == []


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), radius=st.floats(0.001, 2), pairs=st.integers(1, 3000))
def test_edges_are_the_pairs_within_the_radius_each_once(
    seed: int, radius: float, pairs: int
) -> None:
    vectors = clumped(seed, 40, 4)
    found = [
        (int(i), int(j))
        for _, edges in neighbours.edge_blocks(vectors, radius, pairs=pairs)
        for i, j in zip(edges.first, edges.second, strict=True)
    ]
    (_, distances), *_ = neighbours.distance_blocks(vectors, vectors)
    slack = 1e-6
    surely = set(zip(*np.nonzero(np.triu(distances <= radius - slack, k=1)), strict=True))
    perhaps = set(zip(*np.nonzero(np.triu(distances <= radius + slack, k=1)), strict=True))
    assert len(found) == len(set(found))
    assert surely <= set(found) <= perhaps
