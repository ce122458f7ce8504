"""The embedded model being taught: what its own training left learning, or less of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import peft
import torch
from PIL import Image
from torch import nn

from common.finetunings import Mode, Plan
from embedder_service import mini, mini_heads, mini_towers, mini_tuned, minilm
from embedder_service.encoder import Pixels
from embedder_service.finetuning.learner import Learning
from embedder_service.hardware import Hardware

SCALE = 20.0
ATTENTION = ("ask", "mix")


class MiniLearner:
    """The weights in `folder`, in float32, with what the plan's mode says learning.

    The lower halves of both towers never learn, as in the model's own training.
    """

    def __init__(self, folder: Path, plan: Plan, hardware: Hardware) -> None:
        tuned = mini_tuned.load(folder / mini.HEADS_FILE)
        self._tuned: Any = _adapted(tuned, plan).to(hardware.device)
        pictures, texts = mini_towers.pictures(), mini_towers.texts()
        pictures.upper = tuned.upper
        self._pictures = mini_towers.PictureTower(hardware, pictures)
        self._texts = mini_towers.TextTower(hardware, texts, tuned.layers)
        self._heads: mini_heads.Heads = tuned.heads

    @property
    def module(self) -> nn.Module:
        module: nn.Module = self._tuned
        return module

    @property
    def scale(self) -> float:
        return SCALE

    def learning(self) -> Iterator[Learning]:
        for name, values in self._tuned.named_parameters():
            if values.requires_grad:
                yield Learning(name, values)

    def prepare(self, image: Image.Image) -> Pixels:
        return mini_towers.square(image)

    def pictures(self, pixels: Sequence[Pixels]) -> torch.Tensor:
        # Cloned: what was computed in inference mode takes part in no gradient.
        maps = self._pictures.maps(np.stack(pixels)).clone()
        return self._heads.pictures(self._pictures.seen(maps))

    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        shared = self._texts.shared(texts)
        reading = minilm.Reading(shared.states.clone(), shared.read.clone())
        return self._heads.texts(self._texts.rest(reading))

    def save(self, folder: Path) -> None:
        """Write mini.safetensors, float16; low-rank additions are added in for good."""
        if isinstance(self._tuned, peft.PeftModel):
            self._tuned = self._tuned.merge_and_unload()
        mini_tuned.save(self._tuned, folder / mini.HEADS_FILE)


def _adapted(tuned: mini_tuned.Tuned, plan: Plan) -> nn.Module:
    """Return the weights with gradients where the mode has them."""
    tuned.requires_grad_(plan.mode is Mode.FULL)
    if plan.mode is Mode.LORA:
        tuned = _with_additions(tuned, plan)
    for head in _heads(tuned):
        head.requires_grad_(True)
    if plan.mode is Mode.PARTIAL and plan.layers:
        inner = tuned.upper
        for part in (inner.head, *inner.blocks[-plan.layers :], *tuned.layers[-plan.layers :]):
            part.requires_grad_(True)
    return tuned


def _with_additions(tuned: mini_tuned.Tuned, plan: Plan) -> Any:
    low_rank = peft.LoraConfig(
        r=plan.lora_rank, lora_alpha=2 * plan.lora_rank, target_modules=list(ATTENTION)
    )
    return peft.get_peft_model(tuned, low_rank)


def _heads(tuned: Any) -> tuple[nn.Module, nn.Module]:
    return tuned.heads.picture_head, tuned.heads.text_head
