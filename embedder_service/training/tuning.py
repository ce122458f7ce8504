"""Trains the heads, the last layers of the text tower and the upper half of the picture tower.

They learn together from the start: heads that know the photos by heart have nothing left to ask of
the towers. The picture tower joins once the heads know a little, and goes on seeing the classes of
ImageNet as it did (learning without forgetting: Li and Hoiem 2016), for breadth rests on them.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from embedder_service import mini_tuned, minilm
from embedder_service.hardware import Hardware
from embedder_service.training import (
    averaging,
    checkpointing,
    depthwise,
    evaluate,
    learning,
    lessons,
    looks,
    maps,
    reading,
)

log = logging.getLogger(__name__)
Watch = Callable[[int, mini_tuned.Tuned], None]
Losses = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the towers and the heads are trained together."""

    seed: int = 0
    epochs: int = 14
    batch: int = 512
    # Pictures that pass the tower at once.
    piece: int = 64
    upper_rate: float = 1e-4
    layers_rate: float = 1e-3
    heads_rate: float = 7e-4
    layers_decay: float = 0.01
    heads_decay: float = 0.1
    # Share of the steps in which the picture tower stays as it is.
    upper_waits: float = 0.3
    # Longest gradients that a step follows: of the picture tower, and of all others.
    upper_slope: float = 1.0
    slope: float = 5.0
    noise: float = 0.1
    word_share: float = 0.15
    # What the loss of seeing other classes than before counts.
    classes_weight: float = 0.5
    # Share of the mean of weights that each step keeps.
    mean_decay: float = 0.98


@dataclass
class Tuning:
    """One training under way; `run` goes on from a checkpoint, if there is one."""

    tuned: mini_tuned.Tuned
    classifier: torch.nn.Module
    course: lessons.Course
    texts: reading.Texts
    recipe: Recipe
    hardware: Hardware
    draw: lessons.Draw = field(init=False)

    def __post_init__(self) -> None:
        depthwise.freeze(self.tuned.upper)
        self._before = learning.frozen_inputs(self.tuned.heads, self.course)
        self.tuned.to(self.hardware.device)
        self.tuned.upper.to(memory_format=torch.channels_last)
        share = self.recipe.word_share
        self.draw = lessons.Draw(self.course.lessons, self.texts, word_share=share, seed=0)
        first = torch.tensor(math.log(learning.FIRST_SCALE), device=self.hardware.device)
        self._scale = torch.nn.Parameter(first)
        self._steps = self.recipe.epochs * (len(self.course.lessons) // self.recipe.batch)
        self._optimiser = torch.optim.AdamW(self._groups())
        rates = [group["lr"] for group in self._optimiser.param_groups]
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rates, total_steps=self._steps + 1
        )
        self._mean = averaging.Mean(self.tuned, self.recipe.mean_decay)

    def run(self, checkpoint: Path, watch: Watch) -> mini_tuned.Tuned:
        """Return the mean of the weights; `watch` is shown it after each epoch.

        Raises ValueError if there are fewer lessons than a batch has.
        """
        if not self._steps:
            raise ValueError(f"{len(self.course.lessons)} lessons fill no batch of {self.recipe}")
        for epoch in range(self._resumed(checkpoint), self.recipe.epochs):
            losses = self._epoch(epoch)
            log.info("epoch %d: loss %.4f, classes %.4f", epoch + 1, *losses)
            self._set_axes()
            self._keep(checkpoint, epoch + 1)
            watch(epoch + 1, self._mean.module)
        return self._mean.module

    def _epoch(self, epoch: int) -> Losses:
        seed = self.recipe.seed * 10_000 + epoch
        torch.manual_seed(seed)
        self.draw.start(seed)
        self.tuned.train()
        losses = [self._step(batch) for batch in self.draw.batches(self.recipe.batch)]
        self.tuned.eval()
        contrast, classes = np.mean(losses, axis=0)
        return float(contrast), float(classes)

    def _step(self, batch: npt.NDArray[np.intp]) -> Losses:
        drawn = self.draw.texts(batch)
        views = self.draw.views(len(batch)) % self._before.shape[1]
        inputs = self._before[drawn.lessons, views].float().to(self.hardware.device)
        self._optimiser.zero_grad()
        if self._schedule.last_epoch < self.recipe.upper_waits * self._steps:
            losses = self._back(drawn, inputs, torch.zeros(()))
        else:
            losses = self._back_through_upper(drawn, views, inputs)
        self._clip()
        self._optimiser.step()
        self._schedule.step()
        self._mean.update(self.tuned, self._schedule.last_epoch)
        return losses

    def _back_through_upper(
        self, drawn: lessons.Drawn, views: npt.NDArray[np.intp], inputs: torch.Tensor
    ) -> Losses:
        """Photos are looked at anew; stand-ins have only the `inputs` that they are."""
        heads, shown = self.tuned.heads, np.flatnonzero(drawn.lessons < self.course.photos)
        looked, shares = maps.some(self.course.pictures, drawn.lessons[shown], views[shown])
        seen = looks.Looks(self.tuned.upper, torch.split(looked, self.recipe.piece), self.hardware)
        now = self.classifier(seen.pooled).log_softmax(-1)
        classes = -(shares.to(now) * now).sum() / len(shown)
        places = torch.from_numpy(shown).to(inputs.device)
        fresh = heads.inputs(seen.pooled, heads.mixture(now.exp()))
        losses = self._back(drawn, inputs.index_copy(0, places, fresh), classes)
        seen.back()
        return losses

    def _back(self, drawn: lessons.Drawn, inputs: torch.Tensor, classes: torch.Tensor) -> Losses:
        contrast = self._contrast(drawn, inputs + self.recipe.noise * torch.randn_like(inputs))
        loss = contrast + self.recipe.classes_weight * classes.to(contrast)
        loss.backward()  # type: ignore[no-untyped-call]
        return float(contrast.detach()), float(classes.detach())

    def _contrast(self, drawn: lessons.Drawn, inputs: torch.Tensor) -> torch.Tensor:
        """Return the loss of CLIP, summed over the members, each of which learns by itself."""
        heads, device = self.tuned.heads, self.hardware.device
        also = torch.from_numpy(self.draw.also(drawn)).to(device)
        scale = self._scale.exp().clamp(max=learning.MOST_SCALE)
        with self.hardware.towers(), sdpa_kernel(SDPBackend.MATH):
            read = minilm.through(self.tuned.layers, self.texts.reading(drawn.rows, device)).mean()
        loss = torch.zeros((), device=device)
        for looks_at, reads in zip(
            heads.picture_head.members, heads.text_head.members, strict=True
        ):
            with self.hardware.towers():
                pictures, texts = looks_at(inputs).float(), reads(read).float()
            loss = loss + learning.contrast(scale * pictures @ texts.T, also)
        return loss

    def _clip(self) -> None:
        upper = self.tuned.upper
        others = (*self.tuned.layers.parameters(), *self.tuned.heads.parameters(), self._scale)
        torch.nn.utils.clip_grad_norm_(upper.parameters(), self.recipe.upper_slope)
        torch.nn.utils.clip_grad_norm_(others, self.recipe.slope)

    def _set_axes(self) -> None:
        mean = self._mean.module
        judge = evaluate.Judge(mean, self.classifier, self.texts, self.hardware)
        stand_ins = mean.heads.picture_head(self.course.stand_ins.to(self.hardware.device))
        looked = torch.cat([*map(judge.looked, self.course.pictures), stand_ins])
        read = judge.read(learning.said(self.course))
        mean.heads.axes.copy_(learning.main_axes(looked, read))

    @property
    def _described(self) -> str:
        return f"{self.recipe}, {len(self.course.lessons)} lessons"

    def _groups(self) -> list[dict[str, object]]:
        recipe, tuned = self.recipe, self.tuned
        parts = (
            (tuned.upper.parameters(), recipe.upper_rate, 0.0),
            (tuned.layers.parameters(), recipe.layers_rate, recipe.layers_decay),
            (tuned.heads.parameters(), recipe.heads_rate, recipe.heads_decay),
            ([self._scale], recipe.heads_rate, 0.0),
        )
        return [
            {"params": list(those), "lr": rate, "weight_decay": decay}
            for those, rate, decay in parts
        ]

    def _keep(self, checkpoint: Path, epochs: int) -> None:
        state = {
            "recipe": self._described,
            "epochs": epochs,
            "tuned": self.tuned.state_dict(),
            "mean": self._mean.module.state_dict(),
            "scale": self._scale.detach(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        checkpointing.save(state, checkpoint)

    def _resumed(self, checkpoint: Path) -> int:
        """Return how many epochs are done; their outcome is taken from the checkpoint."""
        state = checkpointing.load(checkpoint, self._described)
        if state is None:
            return 0
        self.tuned.load_state_dict(state["tuned"])
        self._mean.module.load_state_dict(state["mean"])
        self._scale.data.copy_(state["scale"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        log.info("going on after epoch %d of %s", state["epochs"], checkpoint)
        return int(state["epochs"])
