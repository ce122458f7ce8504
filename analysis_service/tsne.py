"""t-SNE of scikit-learn with signs of progress; importing this takes a second or two."""

import contextlib
import io
import re

import numpy as np
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from analysis_service.neighbours import Report
from analysis_service.specs import MapParameters
from analysis_service.steps import Step
from common.vectors import Floats

MANY = 1000


class _Tsne(TSNE):  # type: ignore[misc]
    """Says how far it is every few iterations instead of every fifty, which may be a minute."""

    _N_ITER_CHECK = 10


class _Lines(io.TextIOBase):
    """Reads the iteration out of what scikit-learn prints: it offers no other sign of progress."""

    def __init__(self, iterations: int, report: Report) -> None:
        self._iterations, self._report = iterations, report

    def write(self, text: str) -> int:
        found = re.match(r"\[t-SNE\] Iteration (\d+):", text)
        if found:
            self._report(Step.TSNE, min(1.0, int(found[1]) / self._iterations))
        return len(text)


def coordinates(vectors: Floats, parameters: MapParameters, *, report: Report) -> Floats:
    """Return t-SNE coordinates, float32, shape (n, dimensions), of at least five unit vectors.

    Not all vectors may be the same. The perplexity is lowered to a third of the others.
    """
    model = _Tsne(
        n_components=parameters.dimensions,
        perplexity=min(parameters.perplexity, (len(vectors) - 1) / 3),
        max_iter=parameters.iterations,
        random_state=parameters.seed,
        metric="cosine",
        init="pca",
        verbose=2,
    )
    with (
        contextlib.redirect_stdout(_Lines(parameters.iterations, report)),
        threadpool_limits(limits=_threads(len(vectors)), user_api="openmp"),
    ):
        return np.asarray(model.fit_transform(_padded(vectors)), dtype=np.float32)


def _threads(samples: int) -> int:
    """Return how many threads share the work.

    Few samples are done before a second thread has woken. More than two threads add up in no fixed
    order, and the same seed would give another map.
    """
    return 1 if samples < MANY else 2


def _padded(vectors: Floats) -> Floats:
    """Return the rows with zeros behind: PCA wants as many columns as the map has."""
    return np.pad(vectors, ((0, 0), (0, max(0, 3 - vectors.shape[1]))))
