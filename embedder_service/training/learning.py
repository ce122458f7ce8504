"""Trains the two heads: pictures and their texts attract, all others in the batch repel.

The loss is that of CLIP (Radford et al. 2021), over pairs that are known not to fit.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy

from embedder_service import mini_heads
from embedder_service.training import features, lessons

FIRST_SCALE, MOST_SCALE = 14.3, 100.0
NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, besides the photos."""

    seed: int = 0
    epochs: int = 16
    batch: int = 1024
    learning_rate: float = 1e-3
    weight_decay: float = 0.1
    # Standard deviation of the noise on what the picture head looks at.
    noise: float = 0.1
    # How often a captioned photo is shown with a single word instead.
    word_share: float = 0.15
    breadth_weight: float = 0.7


def train(
    heads: mini_heads.Heads, course: lessons.Course, texts: features.Texts, recipe: Recipe
) -> None:
    """Fit both heads; the other constants of `heads` stay as they are."""
    rows = torch.from_numpy(texts.vectors)
    draw = lessons.Draw(course.lessons, texts, word_share=recipe.word_share, seed=recipe.seed)
    scale = torch.nn.Parameter(torch.tensor(math.log(FIRST_SCALE)))
    steps = recipe.epochs * (len(course.lessons) // recipe.batch)
    optimiser, schedule = _optimiser([*heads.parameters(), scale], recipe, steps)
    heads.train()
    for batch in (batch for _ in range(recipe.epochs) for batch in draw.batches(recipe.batch)):
        drawn, also = draw.texts(batch)
        seen = course.inputs[batch]
        seen = seen + recipe.noise * torch.randn_like(seen)
        cosines = heads.picture_head(seen) @ heads.text_head(rows[drawn].float()).T
        loss = contrast(scale.exp().clamp(max=MOST_SCALE) * cosines, torch.from_numpy(also))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    heads.eval()


def contrast(logits: torch.Tensor, also: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of picking text by picture and picture by text.

    `logits` is (n, n) with the pairs on the diagonal; pairs that `also` fit are left out.
    """
    logits = logits.masked_fill(also, NEVER)
    own = torch.arange(len(logits))
    return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2


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
