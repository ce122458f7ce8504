"""A CLIP checkpoint being taught, through transformers and, for LoRA, peft."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import peft
import torch
import transformers
from PIL import Image
from torch import nn
from torch.nn.functional import normalize
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from common.finetunings import Mode, Plan
from embedder_service import clip_pixels
from embedder_service.encoder import Pixels
from embedder_service.finetuning.learner import Learning
from embedder_service.hardware import Hardware

PROJECTIONS = ("visual_projection", "text_projection")
ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
_OUTER_NORMS = ("post_layernorm", "final_layer_norm")


class ClipLearner:
    """The model in `folder`, in float32, with what the plan's mode says learning."""

    def __init__(self, folder: Path, plan: Plan, hardware: Hardware) -> None:
        self._hardware = hardware
        loaded: Any = transformers.CLIPModel.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32
        )
        self._model: Any = _adapted(loaded, plan).to(hardware.device)
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._processor = CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
        self._preprocessing = clip_pixels.of_processor(self._processor)
        self._scale = float(loaded.logit_scale.exp())
        self._max_tokens = int(loaded.config.text_config.max_position_embeddings)

    @property
    def module(self) -> nn.Module:
        module: nn.Module = self._model
        return module

    @property
    def scale(self) -> float:
        return self._scale

    def learning(self) -> Iterator[Learning]:
        for name, values in self._model.named_parameters():
            if values.requires_grad:
                yield Learning(name, values)

    def prepare(self, image: Image.Image) -> Pixels:
        return self._preprocessing.pixels(image)

    def pictures(self, pixels: Sequence[Pixels]) -> torch.Tensor:
        batch = torch.from_numpy(np.stack(pixels)).to(self._hardware.device)
        standard = self._preprocessing.standardised(batch)
        with self._hardware.towers():
            return _unit(self._model.get_image_features(pixel_values=standard))

    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        tokens = self._tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._max_tokens,
            return_tensors="pt",
        ).to(self._hardware.device)
        with self._hardware.towers():
            return _unit(self._model.get_text_features(**tokens))

    def save(self, folder: Path) -> None:
        """Write the checkpoint as transformers does; low-rank additions are added in for good."""
        if isinstance(self._model, peft.PeftModel):
            self._model = self._model.merge_and_unload()
        self._model.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)
        self._processor.save_pretrained(folder)


def _adapted(model: Any, plan: Plan) -> Any:
    """Return the model with gradients where the mode has them."""
    model.requires_grad_(plan.mode is Mode.FULL)
    # The temperature of the loss is kept beside the model: its vectors do not depend on it.
    model.logit_scale.requires_grad_(False)
    if plan.mode is Mode.LORA:
        low_rank = peft.LoraConfig(
            r=plan.lora_rank,
            lora_alpha=2 * plan.lora_rank,
            target_modules=list(ATTENTION),
            modules_to_save=list(PROJECTIONS),
        )
        return peft.get_peft_model(model, low_rank)
    for name in PROJECTIONS:
        getattr(model, name).requires_grad_(True)
    if plan.mode is Mode.PARTIAL:
        _open_last_layers(model, plan.layers)
    return model


def _open_last_layers(model: Any, layers: int) -> None:
    for tower in (model.vision_model, model.text_model):
        for layer in tower.encoder.layers[-layers:] if layers else ():
            layer.requires_grad_(True)
        for name in _OUTER_NORMS:
            if hasattr(tower, name):
                getattr(tower, name).requires_grad_(True)


def _unit(output: Any) -> torch.Tensor:
    rows = output if isinstance(output, torch.Tensor) else output.pooler_output
    return normalize(rows.float(), dim=-1)
