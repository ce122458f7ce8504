"""A map of samples: t-SNE over cosine distance, centred and scaled to reach 1."""

from dataclasses import dataclass

import numpy as np

from analysis_service.neighbours import Report
from analysis_service.specs import MapParameters
from analysis_service.steps import Step
from common.vectors import Floats

FEWEST_FOR_TSNE = 5
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
    start = principal(centred, parameters.dimensions)
    if parameters.pca_only or len(vectors) < FEWEST_FOR_TSNE:
        return Map(_scaled(start))
    # Only here: the service itself and its other jobs start a second or two sooner without it.
    from analysis_service import tsne

    return Map(_scaled(tsne.coordinates(vectors, start, parameters, report=report)))


def principal(centred: Floats, dimensions: int) -> Floats:
    """Return the first principal coordinates of centred rows, shape (n, dimensions)."""
    if len(centred) < centred.shape[1]:
        left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
        coordinates = (left * sizes)[:, :dimensions]
    else:  # many rows: the axes are found among few columns
        _, axes = np.linalg.eigh(centred.T @ centred)
        coordinates = centred @ axes[:, ::-1][:, :dimensions]
    return np.pad(coordinates, ((0, 0), (0, dimensions - coordinates.shape[1])))


def _scaled(coordinates: Floats) -> Floats:
    """Return shape (n, 3), centred, the farthest at distance 1."""
    centred = coordinates - coordinates.mean(axis=0, keepdims=True)
    reach = np.linalg.norm(centred, axis=1).max() or 1.0
    points = np.zeros((len(centred), 3), dtype=np.float32)
    points[:, : centred.shape[1]] = centred / reach
    return points
