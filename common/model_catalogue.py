"""Models as people choose among them: what there is, where it is, and what `auto` would take.

A package that knows models registers a `Shelf` in the entry-point group "semapix.models".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol


class Task(Enum):
    """What a model is for."""

    ENCODER = "encoder"
    DETECTOR = "detector"
    READER = "reader"


class State(Enum):
    """Where the files of a model are: in the packages, in a cache, or on the network alone."""

    EMBEDDED = "embedded"
    CACHED = "cached"
    DOWNLOADABLE = "downloadable"


@dataclass(frozen=True, slots=True)
class Model:
    """One model. `name` is what the service's setting and `semapix models fetch` take.

    dimension: of its vectors, 0 for a model that makes none. size_bytes: of its files, 0 where it
    is not known. figures: what it was measured to be worth, by name, each in [0, 1].
    """

    name: str
    task: Task
    state: State
    licence: str
    size_bytes: int = 0
    dimension: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What `auto` would take now, "" for nothing, and a sentence that says why."""

    task: Task
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of one package, best first for each task, and what `auto` makes of them."""

    models: tuple[Model, ...]
    choices: tuple[Choice, ...]


class Shelf(Protocol):
    """The models that one package knows."""

    def listing(self) -> Listing:
        """Return every known model. Looks at local files alone."""
        ...

    def offers(self, name: str) -> bool:
        """Say whether `fetch` may be asked for `name`."""
        ...

    def fetch(self, name: str) -> Path:
        """Download and verify a model; return where its files are.

        Raises Unavailable without a network, NotFound for a model that does not exist, DataLoss for
        files that are not what the source says they are.
        """
        ...
