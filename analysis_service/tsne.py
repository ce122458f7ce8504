"""t-SNE of openTSNE over exact cosine neighbours; importing this takes a second or two.

A GPU compares all pairs. The processor follows Barnes-Hut: the gradient of van der Maaten,
"Accelerating t-SNE using Tree-Based Algorithms" (2014). Interpolation, which openTSNE has in two
dimensions, takes a grid as wide as the map: with as few neighbours as here it is slower than the
tree up to 20,000 samples, by a factor of 3 at 10,000.
"""

import copy
import logging
from dataclasses import dataclass
from functools import partial

import numpy as np
from openTSNE import TSNEEmbedding
from openTSNE.affinity import PerplexityBasedNN
from openTSNE.nearest_neighbors import PrecomputedNeighbors

from analysis_service import gpu, nearest
from analysis_service.neighbours import Report
from analysis_service.pairwise_gradient import Doubles, PairwiseGradient
from analysis_service.specs import MapParameters
from analysis_service.steps import Step
from common.vectors import Floats

log = logging.getLogger(__name__)
# Fewer are done before a GPU or a second thread has woken.
MANY = 1000
# Neighbours that count for one of perplexity.
PER_PERPLEXITY = 3
EXAGGERATION = 12.0
START_SPREAD = 1e-4
JITTER = 1e-6
# How wide a branch of the tree may look from a point and still count as one: 0.5, the usual, takes
# nearly twice as long and moves the divergence by 3 % (tests/benchmarks/bench_map.py).
THETA = 0.8
REPORT_EVERY = 10


@dataclass(frozen=True, slots=True)
class _Phase:
    """Some iterations on end, the first of them number `start` of all."""

    start: int
    iterations: int
    exaggeration: float
    momentum: float


def coordinates(
    vectors: Floats, start: Floats, parameters: MapParameters, *, report: Report
) -> Floats:
    """Return t-SNE coordinates, float32, shape (n, dimensions), of at least five unit vectors.

    `start`, shape (n, dimensions), is what they start from, not all of it the same. The perplexity
    is lowered to a third of the others.
    """
    perplexity = min(parameters.perplexity, (len(vectors) - 1) / PER_PERPLEXITY)
    near, distances = nearest.others(
        vectors, int(PER_PERPLEXITY * perplexity), report=lambda s: report(Step.NEIGHBOURS, s)
    )
    affinities = PerplexityBasedNN(
        knn_index=PrecomputedNeighbors(near, distances.astype(np.float64)),
        perplexity=perplexity,
        n_jobs=1,
    )
    descent = partial(_descended, _spread(start, parameters.seed), parameters, report)
    arrays = gpu.arrays() if len(vectors) >= MANY else None
    if arrays is not None:
        try:
            return descent(copy.deepcopy(affinities), PairwiseGradient(arrays))
        except (RuntimeError, MemoryError) as error:
            log.warning("the GPU gave up, the processor draws the map: %s", error)
    return descent(affinities, "bh")


def _descended(
    start: Doubles,
    parameters: MapParameters,
    report: Report,
    affinities: PerplexityBasedNN,
    gradient: str | PairwiseGradient,
) -> Floats:
    embedding = TSNEEmbedding(
        start.copy(),
        affinities,
        negative_gradient_method=gradient,
        theta=THETA,
        n_jobs=_threads(len(start)),
        random_state=parameters.seed,
    )
    for phase in _phases(parameters.iterations, len(start)):
        embedding = _optimised(embedding, phase, parameters.iterations, report)
    return np.asarray(embedding, dtype=np.float32)


def _phases(iterations: int, samples: int) -> tuple[_Phase, _Phase]:
    """Return the early exaggeration and the rest, with the figures of the paper of 2014.

    Few samples are exaggerated less: they would all fall into one point and stay there.
    """
    early = min(250, iterations // 2)
    exaggeration = min(EXAGGERATION, max(1.0, samples / 10))
    return _Phase(0, early, exaggeration, 0.5), _Phase(early, iterations - early, 1.0, 0.8)


def _optimised(
    embedding: TSNEEmbedding, phase: _Phase, total: int, report: Report
) -> TSNEEmbedding:
    def told(iteration: int, _error: float, _embedding: Floats) -> None:
        report(Step.TSNE, min(1.0, (phase.start + iteration) / total))

    return embedding.optimize(
        phase.iterations,
        exaggeration=phase.exaggeration,
        momentum=phase.momentum,
        inplace=True,
        callbacks=[told],
        callbacks_every_iters=REPORT_EVERY,
    )


def _spread(start: Floats, seed: int) -> Doubles:
    """Return the start as small as t-SNE wants it; what is the same is torn a little apart."""
    sized = start / (np.std(start[:, 0]) or 1.0) * START_SPREAD
    noise = np.random.default_rng(seed).normal(scale=JITTER, size=start.shape)
    return np.asarray(sized + noise)


def _threads(samples: int) -> int:
    """Return how many threads share the work."""
    return 1 if samples < MANY else 2
