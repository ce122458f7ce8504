"""How well clusters match labels, over a grid of parameters and beside other methods."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from analysis_service import dbscan, hdbscan, suggestion
from analysis_service.neighbours import Indices
from analysis_service.steps import Step
from common.vectors import Floats

EPS = tuple(round(0.02 * step, 2) for step in range(1, 31))
MIN_SAMPLES = (2, 3, 5)


@dataclass(frozen=True, slots=True)
class Row:
    """One clustering against the labels; `eps` and `min_samples` None where there is none.

    purity: share of the clustered samples whose label is the most frequent of their cluster.
    coverage: share of the samples that are in a cluster. nmi, ari: over all samples, each one in no
    cluster counting as a cluster of its own.
    """

    method: str
    eps: float | None
    min_samples: int | None
    clusters: int
    purity: float
    coverage: float
    nmi: float
    ari: float


def rows(vectors: Floats, labels: Sequence[str]) -> Iterator[Row]:
    """Yield a row for each setting; unit vectors of shape (n, d), at least one, and n labels."""
    names = np.unique(np.asarray(labels), return_inverse=True)[1]
    for least in MIN_SAMPLES:
        hint = suggestion.suggest(vectors, least, report=_silent).eps
        grid = (("dbscan", eps) for eps in EPS)
        for method, eps in (*grid, ("dbscan, suggested eps", hint)):
            found = dbscan.labels(vectors, eps, least, report=_silent)
            yield judged(found, names, method=method, eps=eps, min_samples=least)
        found = hdbscan.labels(vectors, least, report=_silent)
        yield judged(found, names, method="hdbscan", min_samples=least)
    count = len(set(names.tolist()))
    means = KMeans(count, n_init=10, random_state=0).fit_predict(vectors.astype(np.float64))
    yield judged(means, names, method=f"k-means, k={count}")


def judged(
    found: Indices,
    names: Indices,
    *,
    method: str,
    eps: float | None = None,
    min_samples: int | None = None,
) -> Row:
    """Return the figures of one clustering, -1 being noise."""
    inside = found >= 0
    clusters = np.unique(found[inside])
    most = sum(int(np.bincount(names[found == one]).max()) for one in clusters)
    alone = found.copy()
    alone[~inside] = found.max(initial=0) + 1 + np.arange((~inside).sum())
    return Row(
        method=method,
        eps=eps,
        min_samples=min_samples,
        clusters=len(clusters),
        purity=round(most / max(1, int(inside.sum())), 4),
        coverage=round(float(inside.mean()), 4),
        nmi=round(float(normalized_mutual_info_score(names, alone)), 4),
        ari=round(float(adjusted_rand_score(names, alone)), 4),
    )


def _silent(_step: Step, _share: float) -> None:
    """Nobody listens."""
