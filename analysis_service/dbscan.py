"""DBSCAN over cosine distance on a radius graph."""

import numpy as np

from analysis_service import neighbours, radius_graph
from analysis_service.neighbours import Indices, Near, Report
from analysis_service.radius_graph import Limits, RadiusGraph
from analysis_service.steps import Step
from common.vectors import Floats

NOISE = -1
_NONE = np.iinfo(np.int64).max


def labels(
    vectors: Floats, eps: float, min_samples: int, *, report: Report, limits: Limits | None = None
) -> Indices:
    """Return a label per row, shape (n,), -1 for noise: those of scikit-learn's DBSCAN.

    A core has `min_samples` rows within `eps`, itself included; cores within `eps` of one another
    share a cluster; other rows join the first cluster that has a core within `eps`. Raises
    InvalidInput, naming an eps that fits, if the graph would be too large.
    """
    graph = radius_graph.build(vectors, eps, report=report, limits=limits or Limits())
    is_core = graph.neighbours >= min_samples
    found = np.full(len(vectors), NOISE, dtype=np.int64)
    found[is_core] = _core_labels(graph, is_core, report=report)
    _join_borders(graph, is_core, found)
    return found


def _core_labels(graph: RadiusGraph, is_core: Near, *, report: Report) -> Indices:
    """Return the cluster of each core, numbered by their first cores."""
    groups = neighbours.Components(len(is_core))
    for at, edges in enumerate(graph.edges()):
        groups.tie(edges.where(is_core[edges.first] & is_core[edges.second]))
        report(Step.TYING, (at + 1) / len(graph.blocks))
    return neighbours.numbered(groups.labels()[is_core])


def _join_borders(graph: RadiusGraph, is_core: Near, found: Indices) -> None:
    """Give each row near a core the lowest label of these cores, in place."""
    lowest = np.full(len(found), _NONE, dtype=np.int64)
    for edges in graph.edges():
        first, second = edges.first, edges.second
        for core, other in ((first, second), (second, first)):
            joins = is_core[core] & ~is_core[other]
            np.minimum.at(lowest, other[joins], found[core[joins]])
    joined = lowest != _NONE
    found[joined] = lowest[joined]
