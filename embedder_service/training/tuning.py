"""Trains the upper half of the picture tower, the last layers of the text tower and the heads.

Each batch is compared with itself and with what was made of the batches before it (cross-batch
memory: Wang et al. 2020), since few photos fit into a batch. The tower goes on seeing the classes
of ImageNet as it did (learning without forgetting: Li and Hoiem 2016), for breadth rests on them.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from embedder_service import mini_heads, mini_tuned, minilm
from embedder_service.hardware import Hardware
from embedder_service.training import (
    averaging,
    checkpointing,
    depthwise,
    learning,
    lessons,
    maps,
    reading,
)

log = logging.getLogger(__name__)
Watch = Callable[[int, mini_tuned.Tuned], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the towers are tuned."""

    seed: int = 0
    epochs: int = 12
    batch: int = 160
    # Pairs of earlier batches that a batch is compared with.
    memory: int = 1024
    upper_rate: float = 3e-5
    layers_rate: float = 3e-5
    heads_rate: float = 2e-4
    weight_decay: float = 0.1
    warm_up: float = 0.1
    noise: float = 0.1
    word_share: float = 0.15
    # What the loss of seeing other classes than before counts.
    classes_weight: float = 0.5
    # Share of the mean of weights that each step keeps.
    mean_decay: float = 0.99


@dataclass
class Memory:
    """What was made of the latest batches, newest first."""

    drawn: lessons.Drawn
    pictures: torch.Tensor
    texts: torch.Tensor


@dataclass
class Tuning:
    """One training under way; `run` goes on from the checkpoint in `folder`, if there is one."""

    tuned: mini_tuned.Tuned
    classifier: torch.nn.Module
    course: lessons.Course
    texts: reading.Texts
    recipe: Recipe
    hardware: Hardware
    draw: lessons.Draw = field(init=False)

    def __post_init__(self) -> None:
        depthwise.freeze(self.tuned.upper)
        self.tuned.to(self.hardware.device)
        self.tuned.upper.to(memory_format=torch.channels_last)
        self.draw = lessons.Draw(
            self.course.lessons, self.texts, word_share=self.recipe.word_share, seed=0
        )
        self._scale = torch.nn.Parameter(
            torch.tensor(math.log(learning.MOST_SCALE / 3), device=self.hardware.device)
        )
        self._optimiser = torch.optim.AdamW(
            self._groups(), weight_decay=self.recipe.weight_decay, fused=True
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, self._rate)
        self._mean = averaging.Mean(self.tuned, self.recipe.mean_decay)
        self._memory: Memory | None = None

    def run(self, checkpoint: Path, watch: Watch) -> mini_tuned.Tuned:
        """Return the mean of the weights; `watch` is shown it after each epoch."""
        for epoch in range(self._resumed(checkpoint), self.recipe.epochs):
            losses = self._epoch(epoch)
            log.info("epoch %d: loss %.4f, classes %.4f", epoch + 1, *losses)
            self._keep(checkpoint, epoch + 1)
            watch(epoch + 1, self._mean.module)
        return self._mean.module

    def _epoch(self, epoch: int) -> tuple[float, float]:
        seed = self.recipe.seed * 10_000 + epoch
        torch.manual_seed(seed)
        self.draw.start(seed)
        self.tuned.train()
        losses = [self._step(batch) for batch in self.draw.batches(self.recipe.batch)]
        self.tuned.eval()
        contrast, classes = np.mean(losses, axis=0)
        return float(contrast), float(classes)

    def _step(self, batch: np.ndarray) -> tuple[float, float]:
        drawn = self.draw.texts(batch)
        pictures, classes = self._pictures(drawn)
        with self.hardware.towers(), sdpa_kernel(SDPBackend.MATH):
            read = minilm.through(
                self.tuned.layers, self.texts.reading(drawn.rows, self.hardware.device)
            )
        written = self.tuned.heads.text_head(read.mean())
        contrast = self._contrast(drawn, pictures, written)
        loss = contrast + self.recipe.classes_weight * classes
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.tuned.parameters(), 1.0)
        self._optimiser.step()
        self._schedule.step()
        self._mean.update(self.tuned, self._schedule.last_epoch)
        self._remember(Memory(drawn, pictures.detach(), written.detach()))
        return float(contrast.detach()), float(classes.detach())

    def _pictures(self, drawn: lessons.Drawn) -> tuple[torch.Tensor, torch.Tensor]:
        """Return unit rows, (n, 256), and how far the classes seen are from those before."""
        heads, shown = self.tuned.heads, drawn.lessons < self.course.photos
        inputs = torch.empty((len(shown), mini_heads.PICTURE_INPUTS), device=self.hardware.device)
        stand_ins = torch.from_numpy(drawn.lessons[~shown] - self.course.photos)
        inputs[~shown] = self.course.stand_ins[stand_ins].to(inputs)
        numbers = drawn.lessons[shown]
        views = self.draw.views(len(numbers))
        looked, shares = maps.some(self.course.pictures, numbers, views)
        with self.hardware.towers():
            pooled = self.tuned.upper(looked.to(self.hardware.device))
        now = self.classifier(pooled).log_softmax(-1)
        classes = -(shares.to(now) * now).sum() / max(1, len(numbers))
        inputs[shown] = heads.inputs(pooled, heads.mixture(now.exp()))
        noise = self.recipe.noise * torch.randn_like(inputs)
        return heads.picture_head(inputs + noise), classes

    def _contrast(
        self, drawn: lessons.Drawn, pictures: torch.Tensor, texts: torch.Tensor
    ) -> torch.Tensor:
        scale = self._scale.exp().clamp(max=learning.MOST_SCALE)
        past = self._memory or Memory(drawn, pictures[:0], texts[:0])
        kept = len(past.pictures)
        every = drawn.followed_by(past.drawn, len(drawn.rows) + kept)
        by_picture = torch.from_numpy(self.draw.also(drawn, every)).to(pictures.device)
        by_text = torch.from_numpy(self.draw.also(every, drawn).T.copy()).to(pictures.device)
        of_pictures = scale * pictures @ torch.cat([texts, past.texts]).T
        of_texts = scale * texts @ torch.cat([pictures, past.pictures]).T
        return (learning.picked(of_pictures, by_picture) + learning.picked(of_texts, by_text)) / 2

    def _remember(self, latest: Memory) -> None:
        past = self._memory or Memory(latest.drawn, latest.pictures[:0], latest.texts[:0])
        kept = min(self.recipe.memory, len(latest.pictures) + len(past.pictures))
        self._memory = Memory(
            latest.drawn.followed_by(past.drawn, kept),
            torch.cat([latest.pictures, past.pictures])[:kept],
            torch.cat([latest.texts, past.texts])[:kept],
        )

    def _groups(self) -> list[dict[str, object]]:
        rates = (
            (self.tuned.upper, self.recipe.upper_rate),
            (self.tuned.layers, self.recipe.layers_rate),
            (self.tuned.heads, self.recipe.heads_rate),
        )
        groups = [{"params": list(part.parameters()), "lr": rate} for part, rate in rates]
        return [*groups, {"params": [self._scale], "lr": self.recipe.heads_rate, "weight_decay": 0}]

    def _rate(self, step: int) -> float:
        """Return the share of the learning rates at `step`: up in a line, down in a half wave."""
        steps = self.recipe.epochs * (len(self.course.lessons) // self.recipe.batch)
        rising = self.recipe.warm_up * steps
        if step < rising:
            return (step + 1) / (rising + 1)
        return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (step - rising) / (steps - rising)))

    def _keep(self, checkpoint: Path, epochs: int) -> None:
        memory = self._memory
        if memory is None:
            raise ValueError(f"{len(self.course.lessons)} lessons fill no batch of {self.recipe}")
        tensors = (memory.pictures, memory.texts)
        drawn = (memory.drawn.lessons, memory.drawn.rows, memory.drawn.columns)
        state = {
            "recipe": repr(self.recipe),
            "epochs": epochs,
            "tuned": self.tuned.state_dict(),
            "mean": self._mean.module.state_dict(),
            "scale": self._scale.detach(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "memory": [*tensors, *(torch.from_numpy(numbers) for numbers in drawn)],
        }
        checkpointing.save(state, checkpoint)

    def _resumed(self, checkpoint: Path) -> int:
        """Return how many epochs are done; their outcome is taken from the checkpoint."""
        state = checkpointing.load(checkpoint, repr(self.recipe))
        if state is None:
            return 0
        self.tuned.load_state_dict(state["tuned"])
        self._mean.module.load_state_dict(state["mean"])
        self._scale.data.copy_(state["scale"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        pictures, written, *drawn = state["memory"]
        numbers = (one.numpy() for one in drawn)
        self._memory = Memory(lessons.Drawn(*numbers), pictures, written)
        log.info("going on after epoch %d of %s", state["epochs"], checkpoint)
        return int(state["epochs"])
