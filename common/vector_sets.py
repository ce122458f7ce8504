"""The vector sets of a library as values: the one that serves, and a second one built beside it."""

from dataclasses import dataclass

from common.samples import Sample


@dataclass(frozen=True, slots=True)
class VectorSet:
    """All vectors of one model, its name, and the "host:port" of an embedder of it; "": unknown."""

    fingerprint: str = ""
    dimension: int = 0
    model: str = ""
    embedder: str = ""


@dataclass(frozen=True, slots=True)
class Sets:
    """Both sets, how many samples there are, and how many of them the second has a vector of."""

    serving: VectorSet
    second: VectorSet | None = None
    samples: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Lacking:
    """A photo, and those of its samples that a set lacks."""

    photo_id: str
    samples: tuple[Sample, ...]
