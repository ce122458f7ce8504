"""What fine-tuning asks of a model: towers with gradients, and a folder in the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import nn

from embedder_service.encoder import Pixels


@dataclass(frozen=True, slots=True)
class Learning:
    """A parameter that learns, by a name that stays the same from run to run."""

    name: str
    values: nn.Parameter


class Learner(Protocol):
    """A model that is being taught."""

    @property
    def module(self) -> nn.Module:
        """All weights; those that do not learn have no gradient."""
        ...

    @property
    def scale(self) -> float:
        """What cosines were multiplied with in the loss it was trained with, above 0."""
        ...

    def learning(self) -> Iterator[Learning]:
        """Yield what learns, the temperature of the loss not among it."""
        ...

    def prepare(self, image: Image.Image) -> Pixels:
        """Return what `pictures` wants of an RGB picture."""
        ...

    def pictures(self, pixels: Sequence[Pixels]) -> torch.Tensor:
        """Return unit rows, float32, shape (n, d), with gradients."""
        ...

    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        """Return unit rows, float32, shape (n, d), with gradients."""
        ...

    def save(self, folder: Path) -> None:
        """Write what `--model FOLDER` loads, in float32 or as the model's own form has it."""
        ...
