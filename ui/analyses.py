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


class ClusterMethod(IntEnum):
    """How clusters are found; the numbers are those of the protos."""

    DBSCAN = 1
    HDBSCAN = 2


class DuplicateKind(IntEnum):
    """How much the photos of a group are the same; the numbers are those of the protos."""

    EXACT = 1
    NEAR = 2
    SEMANTIC = 3


@dataclass(frozen=True, slots=True)
class ClusterParameters:
    """0 stands for the service's default, `suggest` for the eps that the vectors suggest."""

    eps: float = 0.0
    min_samples: int = 0
    suggest: bool = False
    method: ClusterMethod = ClusterMethod.DBSCAN


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
    """Which photos are the same; a `min_cosine` of 0 and None stand for the service's defaults."""

    kind: DuplicateKind = DuplicateKind.NEAR
    min_cosine: float = 0.0
    max_differing_bits: int | None = None


Parameters = ClusterParameters | MapParameters | DuplicateParameters


@dataclass(frozen=True, slots=True)
class Analysis:
    """One job; `progress` in [0, 1], times in seconds since 1970.

    `stale`: the library has changed since; so many samples were `added` and `removed`.
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
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Cluster:
    """Samples that lie together, nearest to the centre first; `spread` is their mean distance.

    `cluster_id` is the same in later analyses; `samples` are no more than were asked for of `size`.
    """

    number: int
    samples: tuple[Sample, ...]
    spread: float
    cluster_id: str = ""
    name: str = ""
    suggested_name: str = ""
    size: int = 0
    run: int = 0

    @property
    def count(self) -> int:
        """How many samples it has; analyses of earlier versions do not tell a size."""
        return max(self.size, len(self.samples))


@dataclass(frozen=True, slots=True)
class ClusterRun:
    """Pictures or texts, clustered by themselves; `k_distances` ascending, in [0, 2].

    `eps` is 0 where the method has none, `suggested_eps` where none was looked for.
    """

    kinds: tuple[Kind, ...]
    eps: float
    suggested_eps: float
    k_distances: tuple[float, ...]
    samples: int
    noise: int


@dataclass(frozen=True, slots=True)
class Clustering:
    """Clusters, largest first, and samples in none, no more than were asked for."""

    analysis: Analysis
    clusters: tuple[Cluster, ...]
    noise: tuple[Sample, ...]
    eps: float = 0.0
    suggested_eps: float = 0.0
    k_distances: tuple[float, ...] = ()
    runs: tuple[ClusterRun, ...] = ()

    @property
    def noise_count(self) -> int:
        """How many samples are in no cluster."""
        return max(sum(run.noise for run in self.runs), len(self.noise))


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A sample on the map; the farthest point has distance 1 from the centre.

    `approximate`: it came after the map and was placed by its neighbours.
    """

    sample: Sample
    x: float
    y: float
    z: float
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class PhotoMap:
    """The points of a map."""

    analysis: Analysis
    points: tuple[MapPoint, ...]


@dataclass(frozen=True, slots=True)
class DuplicatePhoto:
    """A photo of a group; `like_best`: the same as the best by itself, not by way of others only.

    `differing_bits` of 64 and `cosine` are to the best; None where the kind has no such thing.
    """

    photo_id: str
    width: int
    height: int
    bytes: int
    sharpness: float
    like_best: bool
    differing_bits: int | None = None
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """At least two photos that are the same, the best first, and `why` it is."""

    photos: tuple[DuplicatePhoto, ...]
    why: str
    min_cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups, largest first, and how many photos could not be compared."""

    analysis: Analysis
    groups: tuple[DuplicateGroup, ...]
    not_compared: int = 0
