"""Teaching an encoder names: what the command line asks of the package that owns the encoders.

The package registers a `Finetuning` in the entry-point group "semapix.finetune".
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from common import errors

_ABOVE_0 = ("epochs", "batch", "accumulate", "rate", "patience", "save_every")


class Mode(StrEnum):
    """Which weights learn; the rest stays as it is.

    FROZEN: the projections behind the towers alone. PARTIAL: also the last layers of both towers.
    LORA: the projections, and low-rank additions to the attention of both towers (Hu et al. 2021).
    FULL: everything.
    """

    FROZEN = "frozen"
    PARTIAL = "partial"
    LORA = "lora"
    FULL = "full"


# What is usual to learn at: weights that begin somewhere good want small steps.
RATES = {Mode.FROZEN: 3e-4, Mode.LORA: 3e-4, Mode.PARTIAL: 5e-5, Mode.FULL: 2e-5}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which names and how many photos of each; most 0 is all, only () is every name.

    shuffled: give every person the name of another, by a permutation that the seed decides. So a
    model that has met the persons before has no advantage (the protocol for novel persons).
    """

    least: int = 5
    most: int = 0
    only: tuple[str, ...] = ()
    shuffled: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    batch: pictures of a step, targets and background together, in `accumulate` pieces.
    background: background pictures per target picture, 0 for none.
    rate, decay: of AdamW; the rate rises over the first tenth and falls as a cosine to nothing.
    layers: last layers of each tower that learn in the mode PARTIAL.
    patience: evaluations for which the background's loss may stay above the first times
    1 + tolerance before training ends; the weights kept are the best within the tolerance.
    cost: how much the background's loss may have risen in the end, 0.02 is 2 %: the best weights
    are mixed with those of before as far as that takes.
    """

    mode: Mode = Mode.FROZEN
    epochs: int = 20
    batch: int = 64
    accumulate: int = 1
    background: float = 1.0
    rate: float = 3e-4
    decay: float = 0.05
    layers: int = 2
    lora_rank: int = 8
    patience: int = 3
    tolerance: float = 0.1
    cost: float = 0.02
    save_every: int = 50
    seed: int = 0

    def checked(self) -> "Plan":
        """Return self. Raises InvalidInput for a value that makes no sense."""
        for name in _ABOVE_0:
            if not getattr(self, name) > 0:
                raise errors.InvalidInput(name, f"{getattr(self, name)} is not above 0")
        if self.background < 0:
            raise errors.InvalidInput("background", f"{self.background} is below 0")
        if self.batch % self.accumulate:
            pieces = f"{self.batch} cannot be divided into {self.accumulate} pieces"
            raise errors.InvalidInput("accumulate", pieces)
        return self

    @property
    def targets(self) -> int:
        """How many pictures of a batch are targets, at least 1."""
        return max(1, round(self.batch / (1 + self.background)))


@dataclass(frozen=True, slots=True)
class Request:
    """What to teach which model.

    photos: a folder per name, or images/ with labels.json {name: [files]}. background: images/ or
    images.tar with captions.json {file: [captions]}, None for none. out: the folder to write; an
    interrupted training in it is gone on with. model, device, precision: as the embedder's
    settings have them, "" for these. held_out: the share of each name's photos to measure with;
    half as many more are watched, which decides about the weights that are kept.
    """

    photos: Path
    out: Path
    background: Path | None = None
    model: str = ""
    device: str = ""
    precision: str = ""
    held_out: float = 0.2
    selection: Selection = Selection()
    plan: Plan = Plan()


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of one evaluation on watched photos, which nothing is learnt from.

    Losses: the mean over texts of -log of the share that its photos have among all. Similarities:
    mean cosine of photos and the texts that fit them. hits: share of names with a right photo among
    the first five. kept: recall of background photos within the first ten by their captions. None
    where there is no background.
    """

    step: int
    target_loss: float
    target_similarity: float
    hits: float
    background_loss: float | None
    background_similarity: float | None
    kept: float | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What one model knows, on held-out photos.

    target_similarity, background_similarity: mean cosine of photos and the texts that fit them.
    name_*: photos found by their name among all held-out photos of names: r_at_5 is the share of
    a name's photos among the first five, hits the share of names with one there at all.
    background_r_at_10: background photos found by their captions. All in [0, 1] but the
    similarities in [-1, 1]; None where there is no background.
    """

    fingerprint: str
    target_similarity: float
    background_similarity: float | None
    name_r_at_1: float
    name_r_at_5: float
    name_map: float
    name_hits_at_5: float
    background_r_at_10: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model knew before and knows after, and where it is.

    share: how much of what was learnt was kept, in (0, 1]; see `Plan.cost`.
    warnings: sentences on photos that were left out, and on a training that came to nothing.
    """

    folder: Path
    before: Knowledge
    after: Knowledge
    steps: int
    share: float = 1.0
    warnings: tuple[str, ...] = ()


Watch = Callable[[int, int, Point | None], None]


class Finetuning(Protocol):
    """Teaches an encoder names."""

    def __call__(self, request: Request, watch: Watch) -> Outcome:
        """Return what became of it.

        `watch` is told the steps done, the steps at most, and the figures where they were measured.
        Raises SemapixError, naming what is wrong with the photos, the options or the model.
        """
        ...
