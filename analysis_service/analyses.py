"""One analysis: what was asked, how far it is, and what came out."""

from dataclasses import dataclass, field
from enum import IntEnum

from analysis_service.clusters import Clusters
from analysis_service.duplicates import Duplicates
from analysis_service.maps import Map
from analysis_service.specs import Spec
from analysis_service.steps import Step
from common.samples import Sample

Outcome = Clusters | Map | Duplicates


class State(IntEnum):
    """How far a job is; the numbers are those of the protos."""

    QUEUED = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    CANCELLED = 5


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What a library held: the number of its last change and the fingerprint of its vectors.

    `mark` tells the samples that it held from those that came later; None where it is not known.
    """

    revision: int = 0
    fingerprint: str = ""
    mark: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Analysis:
    """One job; `progress` in [0, 1], times in seconds since 1970, `library` as it was read."""

    analysis_id: str
    spec: Spec
    started_at_s: int
    state: State = State.QUEUED
    step: Step = Step.WAITING
    progress: float = 0.0
    library: LibraryState = LibraryState()
    samples: int = 0
    ended_at_s: int = 0
    error: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing about it will change any more."""
        return self.state not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What came out; its row numbers count the samples."""

    samples: tuple[Sample, ...]
    outcome: Outcome
