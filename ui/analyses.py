"""Analyses of a whole library as values: what is asked for, how far it is, what it found."""

from dataclasses import dataclass
from enum import IntEnum

from common.samples import Kind, Sample


class AnalysisState(IntEnum):
    """How far a job is; the numbers are those of the protos."""

    QUEUED = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    CANCELLED = 5

    @property
    def over(self) -> bool:
        return self >= AnalysisState.SUCCEEDED


@dataclass(frozen=True, slots=True)
class ClusterParameters:
    """DBSCAN over cosine distance; 0 stands for the service's default, `suggest` for its eps."""

    eps: float = 0.0
    min_samples: int = 0
    suggest: bool = False


@dataclass(frozen=True, slots=True)
class MapParameters:
    """t-SNE over cosine distance; 0 stands for the service's default."""

    dimensions: int = 0
    perplexity: float = 0.0
    iterations: int = 0
    seed: int = 0
    pca_only: bool = False


@dataclass(frozen=True, slots=True)
class DuplicateParameters:
    """Least cosine of two photos of a group, in (0, 1]; 0 stands for the service's default."""

    min_cosine: float = 0.0


Parameters = ClusterParameters | MapParameters | DuplicateParameters


@dataclass(frozen=True, slots=True)
class Analysis:
    """One job; `progress` in [0, 1], times in seconds since 1970.

    `stale`: the library has changed since.
    """

    analysis_id: str
    parameters: Parameters
    kinds: tuple[Kind, ...]
    state: AnalysisState
    progress: float
    step: str
    revision: int
    samples: int
    started_at_s: int
    ended_at_s: int
    error: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """Samples that lie together, nearest to the centre first; `spread` is their mean distance."""

    number: int
    samples: tuple[Sample, ...]
    spread: float


@dataclass(frozen=True, slots=True)
class Clustering:
    """Clusters, largest first, and the samples in none."""

    analysis: Analysis
    clusters: tuple[Cluster, ...]
    noise: tuple[Sample, ...]
    eps: float = 0.0
    suggested_eps: float = 0.0
    k_distances: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A sample on the map; the farthest point has distance 1 from the centre."""

    sample: Sample
    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class PhotoMap:
    """The points of a map."""

    analysis: Analysis
    points: tuple[MapPoint, ...]


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """At least two photos that are nearly the same."""

    photo_ids: tuple[str, ...]
    min_cosine: float


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups, largest first."""

    analysis: Analysis
    groups: tuple[DuplicateGroup, ...]
