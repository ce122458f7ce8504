"""DBSCAN here and in scikit-learn: `python tests/benchmarks/bench_clusters.py [SAMPLES ...]`.

The vectors: directions of 512 dimensions drawn at random, 50 samples to each on average, of a
spread of its own between 0.2 and 0.9, and three in ten samples that belong to none. Beyond 20,000
samples scikit-learn is left out; the most memory that the process had is then that of ours.
"""

import resource
import sys
import time

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score

from analysis_service import dbscan
from common.vectors import Floats, normalised

EPS, MIN_SAMPLES, MOST_FOR_BOTH = 0.2, 2, 20_000


def clustered(count: int, dimension: int = 512) -> Floats:
    """Return unit rows, float32, shape (count, dimension)."""
    rng = np.random.default_rng(0)
    groups = count // 50
    centres = rng.normal(size=(groups, dimension)).astype(np.float32)
    group = rng.integers(groups, size=count)
    spread = rng.uniform(0.2, 0.9, size=groups).astype(np.float32)[group]
    rows = rng.normal(size=(count, dimension)).astype(np.float32)
    inside = rng.random(count) < 0.7
    rows[inside] = centres[group[inside]] + spread[inside, None] * rows[inside]
    return normalised(rows)


def main(counts: list[int]) -> None:
    """Print a line for each number of samples."""
    for count in counts:
        vectors = clustered(count)
        started = time.perf_counter()
        ours = dbscan.labels(vectors, EPS, MIN_SAMPLES, report=lambda _step, _share: None)
        ours_s = time.perf_counter() - started
        line = f"{count:,} samples, {ours.max() + 1} clusters: {ours_s:.1f} s"
        if count <= MOST_FOR_BOTH:
            started = time.perf_counter()
            theirs = DBSCAN(eps=EPS, min_samples=MIN_SAMPLES, metric="cosine").fit_predict(vectors)
            theirs_s = time.perf_counter() - started
            ari = adjusted_rand_score(ours, theirs)
            line += f", scikit-learn {theirs_s:.1f} s ({theirs_s / ours_s:.1f} x), ARI {ari:.4f}"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{line}; at most {peak:.2f} GiB", flush=True)


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [20_000])
