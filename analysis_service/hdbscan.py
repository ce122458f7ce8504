"""HDBSCAN over cosine distance: clusters of differing density, without an eps."""

import numpy as np
from scipy.sparse import csr_array

from analysis_service import reach_tree
from analysis_service.dbscan import NOISE
from analysis_service.neighbours import Indices, Report
from analysis_service.steps import Step
from common import errors
from common.vectors import Floats

# Its time grows with the square of the samples.
MOST = 20_000
# Distance of unit vectors that are the same.
SAME = 1e-5


def labels(vectors: Floats, min_samples: int, *, report: Report) -> Indices:
    """Return a label per row, shape (n,), -1 for noise: those of scikit-learn's HDBSCAN.

    Only samples whose distances are the same but for rounding may fall otherwise. No cluster has
    fewer than `min_samples` rows, nor fewer than two; rows that are all the same are one. Raises
    InvalidInput for more than 20,000 rows.
    """
    least = max(2, min_samples)
    if len(vectors) > MOST:
        raise errors.InvalidInput(
            "spec.clusters.method",
            f"HDBSCAN takes at most {MOST:,} samples, there are {len(vectors):,}: use DBSCAN",
        )
    if len(vectors) < least:
        return np.full(len(vectors), NOISE, dtype=np.int64)
    if np.linalg.norm(vectors - vectors[0], axis=1).max() <= SAME:
        return np.zeros(len(vectors), dtype=np.int64)
    found = reach_tree.tree(vectors, least, report=report)
    report(Step.GROWING, 0.0)
    return _grown(found, least)


def _grown(tree: csr_array, least: int) -> Indices:
    """Return the labels of a tree of reachability.

    With one sample to a core the edges of the tree are what scikit-learn would make of them.
    """
    from sklearn.cluster import HDBSCAN  # a second to import, and only this method needs it

    model = HDBSCAN(min_cluster_size=least, min_samples=1, metric="precomputed", copy=True)
    return np.asarray(model.fit(tree).labels_, dtype=np.int64)
