"""A map here and in scikit-learn: `python tests/benchmarks/bench_map.py [SAMPLES [DIMENSIONS]]`.

`ours` or `theirs` after the dimensions draws one of the two maps alone, where time is short.

The vectors are those of bench_clusters.py. KL divergence and trustworthiness are computed alike for
both maps: the divergence from the affinities of exact neighbours, over all pairs of points; the
trustworthiness with 10 neighbours, of 2,000 points among all, by scikit-learn's formula.
"""

import os
import sys
import time

# As the service does: threads that wait asleep, so that a busy machine spoils neither's time.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import bench_clusters
import numpy as np
from openTSNE.affinity import PerplexityBasedNN
from openTSNE.nearest_neighbors import PrecomputedNeighbors
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from analysis_service import maps, nearest, neighbours
from analysis_service.specs import MapParameters
from common.vectors import Floats

NEIGHBOURS, JUDGED = 10, 2000


def divergence(vectors: Floats, points: Floats, perplexity: float) -> float:
    """Return the KL divergence of a map; `points` in the units of t-SNE."""
    near, distances = nearest.others(vectors, int(3 * perplexity), report=lambda _share: None)
    index = PrecomputedNeighbors(near, distances.astype(np.float64))
    wanted = PerplexityBasedNN(knn_index=index, perplexity=perplexity).P.tocoo()
    weight = sum(
        (1 / (1 + _squares(points[at : at + 500], points))).sum()
        for at in range(0, len(points), 500)
    ) - len(points)
    gaps = ((points[wanted.row] - points[wanted.col]) ** 2).sum(axis=1)
    found = 1 / (1 + gaps) / weight
    return float((wanted.data * np.log(wanted.data / found)).sum())


def _squares(some: Floats, points: Floats) -> Floats:
    return np.maximum((some**2).sum(1)[:, None] - 2 * some @ points.T + (points**2).sum(1)[None], 0)


def trustworthiness(vectors: Floats, points: Floats) -> float:
    """Return the trustworthiness in [0, 1] of the first `JUDGED` points."""
    count, penalty = len(vectors), 0
    judged = min(JUDGED, count)
    for rows, distances in neighbours.distance_blocks(vectors[:judged], vectors):
        own = np.arange(rows.start, rows.stop)
        distances[np.arange(len(own)), own] = -1
        ranks = np.argsort(np.argsort(distances, axis=1), axis=1)
        gaps = _squares(points[rows], points)
        gaps[np.arange(len(own)), own] = np.inf
        near = np.argpartition(gaps, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        penalty += np.maximum(np.take_along_axis(ranks, near, axis=1) - NEIGHBOURS, 0).sum()
    worst = judged * NEIGHBOURS * (2 * count - 3 * NEIGHBOURS - 1) / 2
    return float(1 - penalty / worst)


def ours(vectors: Floats, parameters: MapParameters) -> Floats:
    """Return the map as it is before it is scaled."""
    from analysis_service import tsne

    centred = vectors - vectors.mean(axis=0, keepdims=True)
    start = maps.principal(centred, parameters.dimensions)
    return tsne.coordinates(vectors, start, parameters, report=lambda _step, _share: None)


def theirs(vectors: Floats, parameters: MapParameters) -> Floats:
    """Return scikit-learn's map with the same parameters."""
    model = TSNE(
        parameters.dimensions,
        perplexity=parameters.perplexity,
        max_iter=parameters.iterations,
        random_state=parameters.seed,
        metric="cosine",
        init="pca",
    )
    with threadpool_limits(limits=2, user_api="openmp"):
        return np.asarray(model.fit_transform(vectors))


def main(count: int, dimensions: int, alone: str) -> None:
    """Print a line for each library and the ratio of their times."""
    vectors, parameters = bench_clusters.clustered(count), MapParameters(dimensions=dimensions)
    times = {}
    for name, draw in (("openTSNE, ours", ours), ("scikit-learn", theirs)):
        if alone not in ("", draw.__name__):
            continue
        started, used = time.perf_counter(), time.process_time()
        points = draw(vectors, parameters).astype(np.float64)
        times[name] = time.perf_counter() - started
        print(
            f"{count:,} samples in {dimensions}-D, {name}: {times[name]:.1f} s "
            f"({time.process_time() - used:.1f} s of processor), "
            f"KL divergence {divergence(vectors, points, parameters.perplexity):.4f}, "
            f"trustworthiness {trustworthiness(vectors, points):.4f}",
            flush=True,
        )
    if not alone:
        first, second = times.values()
        print(f"{second / first:.2f} times faster")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 10_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 3,
        sys.argv[3] if len(sys.argv) > 3 else "",
    )
