"""Fits the two heads to towers as they are: pictures and their texts attract, others repel.

The loss is that of CLIP (Radford et al. 2021), over pairs that are not known to fit.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from embedder_service import hardware, mini_heads
from embedder_service.training import lessons, maps, reading

FIRST_SCALE, MOST_SCALE = 14.3, 100.0
NEVER = -1e4
PIECE = 512


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the heads are fitted to towers as they are."""

    seed: int = 0
    epochs: int = 16
    batch: int = 1024
    learning_rate: float = 1e-3
    weight_decay: float = 0.1
    # Standard deviation of the noise on what the picture head looks at.
    noise: float = 0.1
    # How often a captioned photo is shown with a single word instead.
    word_share: float = 0.15


def train(
    heads: mini_heads.Heads, course: lessons.Course, texts: reading.Texts, recipe: Recipe
) -> None:
    """Fit the members of both heads, the first ones to pictures as they are, and their axes."""
    inputs, rows = frozen_inputs(heads, course), torch.from_numpy(texts.plain)
    draw = lessons.Draw(course.lessons, texts, word_share=recipe.word_share, seed=recipe.seed)
    pairs = zip(heads.picture_head.members, heads.text_head.members, strict=True)
    heads.train()
    for number, (looks, reads) in enumerate(pairs):
        draw.start(recipe.seed * mini_heads.MEMBERS + number)
        _fit(Pupil(looks, reads, inputs if number else inputs[:, :1], rows), draw, recipe)
    heads.eval()
    with torch.inference_mode():
        looked = heads.picture_head(inputs[:, 0].float())
        read = heads.text_head(rows[texts.rows(said(course))].float())
    heads.axes.copy_(main_axes(looked, read))


def said(course: lessons.Course) -> list[str]:
    """Return one text per lesson."""
    return [text for lesson in course.lessons for text in lesson.captions[:1] or lesson.words[:1]]


@torch.inference_mode()
def main_axes(looked: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
    """Return the directions, (512, 256), in which what heads say, (n, 512), differs most."""
    spread = looked.T @ looked / len(looked) + read.T @ read / len(read)
    axes: torch.Tensor = torch.linalg.eigh(spread).eigenvectors[:, -mini_heads.LEARNED :]
    return axes


@dataclass(frozen=True, slots=True)
class Pupil:
    """A member of each head, and what they look at and read: (lessons, views, 1664), (n, 384)."""

    looks: torch.nn.Module
    reads: torch.nn.Module
    inputs: torch.Tensor
    rows: torch.Tensor

    def cosines(self, drawn: lessons.Drawn, noise: float) -> torch.Tensor:
        """Return those of each picture, in a view drawn by lot, with each text, float32, (n, n)."""
        views = torch.randint(self.inputs.shape[1], (len(drawn.lessons),))
        seen = self.inputs[drawn.lessons, views].float()
        seen = seen + noise * torch.randn_like(seen)
        with hardware.choose("cpu").towers():
            pictures, texts = self.looks(seen), self.reads(self.rows[drawn.rows].float())
        cosines: torch.Tensor = pictures.float() @ texts.float().T
        return cosines


def _fit(pupil: Pupil, draw: lessons.Draw, recipe: Recipe) -> None:
    scale = torch.nn.Parameter(torch.tensor(math.log(FIRST_SCALE)))
    steps = recipe.epochs * (len(pupil.inputs) // recipe.batch)
    parameters = [*pupil.looks.parameters(), *pupil.reads.parameters(), scale]
    optimiser, schedule = _optimiser(parameters, recipe, steps)
    for batch in (batch for _ in range(recipe.epochs) for batch in draw.batches(recipe.batch)):
        drawn = draw.texts(batch)
        also = torch.from_numpy(draw.also(drawn))
        logits = scale.exp().clamp(max=MOST_SCALE) * pupil.cosines(drawn, recipe.noise)
        loss = contrast(logits, also)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()


@torch.inference_mode()
def frozen_inputs(heads: mini_heads.Heads, course: lessons.Course) -> torch.Tensor:
    """Return what the picture head looks at, float16, shape (lessons, views, 1664)."""
    views = max(each.pooled.shape[1] for each in course.pictures)
    rows = [_inputs(heads, each.pooled, each.shares, views) for each in course.pictures]
    rows.append(course.stand_ins[:, None].expand(-1, views, -1).half())
    return torch.cat(rows)


def _inputs(
    heads: mini_heads.Heads, pooled: maps.Halves, shares: maps.Halves, views: int
) -> torch.Tensor:
    seen = (torch.from_numpy(np.asarray(rows)).flatten(0, 1) for rows in (pooled, shares))
    pieces = zip(*(torch.split(rows, PIECE) for rows in seen), strict=True)
    flat = torch.cat(
        [heads.inputs(one.float(), heads.mixture(other.float())).half() for one, other in pieces]
    )
    by_view = flat.view(*pooled.shape[:2], flat.shape[1])
    return by_view[:, torch.arange(views) % by_view.shape[1]]


def contrast(logits: torch.Tensor, also: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of picking text by picture and picture by text.

    `logits` is (n, n) with the pairs on the diagonal; pairs that `also` fit are left out.
    """
    return (picked(logits, also) + picked(logits.T, also.T)) / 2


def picked(logits: torch.Tensor, also: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of picking the own column, that of the row's number, in each row."""
    own = torch.arange(len(logits), device=logits.device)
    return cross_entropy(logits.masked_fill(also, NEVER), own)


def _optimiser(
    parameters: list[torch.nn.Parameter], recipe: Recipe, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    optimiser = torch.optim.AdamW(
        parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=steps + 1
    )
    return optimiser, schedule
