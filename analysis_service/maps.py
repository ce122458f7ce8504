"""A map of samples: t-SNE over cosine distance, centred and scaled to reach 1."""

import contextlib
import io
import re
from dataclasses import dataclass

import numpy as np
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from analysis_service.neighbours import Report
from analysis_service.specs import MapParameters
from analysis_service.steps import Step
from common.vectors import Floats

FEWEST_FOR_TSNE = 5
MANY = 1000
SAME_PLACE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Places of the rows, float32, shape (n, 3), none farther than 1 from the centre at 0."""

    points: Floats


def draw(vectors: Floats, parameters: MapParameters, *, report: Report) -> Map:
    """Return the map of unit vectors of shape (n, d); z is 0 on a map of two dimensions.

    The same vectors and seed give the same map on one machine. Fewer than five samples are laid
    out by PCA alone, and samples that are all the same lie at the centre.
    """
    report(Step.NEIGHBOURS, 0.0)
    centred = vectors - vectors.mean(axis=0, keepdims=True) if len(vectors) else vectors
    if not len(vectors) or np.abs(centred).max() < SAME_PLACE:
        return Map(np.zeros((len(vectors), 3), dtype=np.float32))
    if len(vectors) < FEWEST_FOR_TSNE:
        return Map(_scaled(_principal(centred, parameters.dimensions)))
    return Map(_scaled(_tsne(vectors, parameters, report=report)))


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


def _tsne(vectors: Floats, parameters: MapParameters, *, report: Report) -> Floats:
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


def _principal(centred: Floats, dimensions: int) -> Floats:
    """Return the first principal coordinates of centred rows, shape (n, dimensions)."""
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    coordinates = (left * sizes)[:, :dimensions]
    return np.pad(coordinates, ((0, 0), (0, dimensions - coordinates.shape[1])))


def _scaled(coordinates: Floats) -> Floats:
    """Return shape (n, 3), centred, the farthest at distance 1."""
    centred = coordinates - coordinates.mean(axis=0, keepdims=True)
    reach = np.linalg.norm(centred, axis=1).max() or 1.0
    points = np.zeros((len(centred), 3), dtype=np.float32)
    points[:, : centred.shape[1]] = centred / reach
    return points
