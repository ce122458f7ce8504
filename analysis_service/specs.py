"""What to analyse and how, as values that are equal when the analyses are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from common import errors
from common.samples import Kind


class Method(IntEnum):
    """How clusters are found; the numbers are those of the protos."""

    DBSCAN = 1
    HDBSCAN = 2


class DuplicateKind(IntEnum):
    """How much photos are the same; the numbers are those of the protos."""

    EXACT = 1
    NEAR = 2
    SEMANTIC = 3


@dataclass(frozen=True, slots=True)
class ClusterParameters:
    """Clusters by cosine distance: `eps` in (0, 2], `min_samples` counts the sample itself.

    `suggest`: take the eps that the vectors suggest instead of `eps`; HDBSCAN needs neither.
    """

    eps: float = 0.2
    min_samples: int = 2
    suggest: bool = False
    method: Method = Method.DBSCAN

    def checked(self, field: str) -> "ClusterParameters":
        """Return self. Raises InvalidInput, naming the parameter below `field`."""
        _require(0 < self.eps <= 2, f"{field}.eps", self.eps, "must lie in (0, 2]; 0 means 0.2")
        return self


@dataclass(frozen=True, slots=True)
class MapParameters:
    """t-SNE over cosine distance; `perplexity` is lowered where there are too few samples.

    `pca_only`: the first principal axes instead, in a second.
    """

    dimensions: int = 3
    perplexity: float = 10.0
    iterations: int = 1500
    seed: int = 0
    pca_only: bool = False

    def checked(self, field: str) -> "MapParameters":
        """Return self. Raises InvalidInput, naming the parameter below `field`."""
        _require(self.dimensions in (2, 3), f"{field}.dimensions", self.dimensions, "is not 2 or 3")
        _require(
            1 <= self.perplexity <= 500,
            f"{field}.perplexity",
            self.perplexity,
            "must lie in [1, 500]; 0 means 10",
        )
        _require(
            250 <= self.iterations <= 10_000,
            f"{field}.iterations",
            self.iterations,
            "must lie in [250, 10000]; 0 means 1500",
        )
        return self


@dataclass(frozen=True, slots=True)
class DuplicateParameters:
    """Which photos are the same.

    `min_cosine`, in (0, 1], counts for SEMANTIC; `max_differing_bits` of 64, 0 to 16, for NEAR.
    """

    kind: DuplicateKind = DuplicateKind.NEAR
    min_cosine: float = 0.96
    max_differing_bits: int = 4

    def checked(self, field: str) -> "DuplicateParameters":
        """Return self, what does not count as by default. Raises InvalidInput, naming a field."""
        if self.kind is DuplicateKind.SEMANTIC:
            _require(
                0 < self.min_cosine <= 1,
                f"{field}.min_cosine",
                self.min_cosine,
                "must lie in (0, 1]; 0 means 0.96",
            )
            return DuplicateParameters(self.kind, self.min_cosine)
        bits = self.max_differing_bits
        _require(0 <= bits <= 16, f"{field}.max_differing_bits", bits, "must be at most 16")
        if self.kind is DuplicateKind.EXACT:
            return DuplicateParameters(self.kind)
        return DuplicateParameters(self.kind, max_differing_bits=bits)


Parameters = ClusterParameters | MapParameters | DuplicateParameters


@dataclass(frozen=True, slots=True)
class Spec:
    """Parameters and the kinds they are applied to, in ascending order, each once."""

    parameters: Parameters
    kinds: tuple[Kind, ...] = (Kind.PHOTO,)

    @property
    def runs(self) -> tuple[tuple[Kind, ...], ...]:
        """Kinds whose vectors can be compared: those of pictures, then TEXT, without empty ones."""
        pictures = tuple(kind for kind in self.kinds if kind is not Kind.TEXT)
        texts = tuple(kind for kind in self.kinds if kind is Kind.TEXT)
        return tuple(kinds for kinds in (pictures, texts) if kinds)


def spec(parameters: Parameters, kinds: Sequence[Kind], *, field: str) -> Spec:
    """Return the spec; no kinds means PHOTO. Raises InvalidInput, naming a field below `field`."""
    chosen = tuple(sorted(set(kinds))) or (Kind.PHOTO,)
    if isinstance(parameters, MapParameters) and Kind.TEXT in chosen and len(chosen) > 1:
        raise errors.InvalidInput(
            f"{field}.kinds",
            "TEXT and kinds of pictures make no map together, their vectors lie apart: "
            "draw one of TEXT alone",
        )
    if isinstance(parameters, DuplicateParameters) and chosen != (Kind.PHOTO,):
        raise errors.InvalidInput(
            f"{field}.kinds", "duplicates are found among whole photos: leave kinds empty"
        )
    return Spec(parameters, chosen)


def _require(holds: bool, field: str, value: float, must: str) -> None:
    """Raise InvalidInput unless `holds`; a value that is not a number holds nothing."""
    if not holds or not math.isfinite(value):
        raise errors.InvalidInput(field, f"{value:g} {must}")
