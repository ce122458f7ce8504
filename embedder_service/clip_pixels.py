"""CLIP's preprocessing with Pillow, equal to that of transformers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

# A picture this many times as long as the crop is cut before it is sized.
_REACH = 100


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Resize to `resize` (the short side, or height and width), crop the centre, standardise."""

    resize: int | tuple[int, int]
    crop: tuple[int, int]
    resample: int
    mean: tuple[float, ...]
    spread: tuple[float, ...]

    def pixels(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """Return the centre of an RGB picture, uint8, shape (height, width, 3)."""
        image = self._near_centre(image)
        sized = image.resize(self._size(image), Image.Resampling(self.resample))
        height, width = self.crop
        left, top = (sized.width - width) // 2, (sized.height - height) // 2
        return np.asarray(sized.crop((left, top, left + width, top + height)), dtype=np.uint8)

    def standardised(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return float32, shape (n, 3, height, width), of uint8 (n, height, width, 3)."""
        mean = torch.tensor(self.mean, device=pixels.device)
        spread = torch.tensor(self.spread, device=pixels.device)
        return ((pixels.float() / 255 - mean) / spread).permute(0, 3, 1, 2)

    def _near_centre(self, image: Image.Image) -> Image.Image:
        """Return what may be within the crop.

        Sized whole, a line of 1 x 1,000,000 pixels would take gigabytes; cut first, the crop lies
        within a pixel of where CLIP has it.
        """
        if isinstance(self.resize, tuple):
            return image
        most = math.ceil(min(image.size) * (_REACH * max(self.crop) / self.resize + 1))
        width, height = (min(side, most + (side - most) % 2) for side in image.size)
        left, top = (image.width - width) // 2, (image.height - height) // 2
        return image.crop((left, top, left + width, top + height))

    def _size(self, image: Image.Image) -> tuple[int, int]:
        """Return width and height after resizing; the long side is rounded down, as CLIP does."""
        if isinstance(self.resize, tuple):
            return self.resize[1], self.resize[0]
        short = min(image.size)
        width, height = (int(self.resize * side / short) for side in image.size)
        return width, height


def of_processor(processor: Any) -> Preprocessing:
    """Return the preprocessing that an image processor of transformers describes."""
    size: Mapping[str, int] = processor.size
    crop: Mapping[str, int] = processor.crop_size
    square = size.get("shortest_edge")
    return Preprocessing(
        resize=square if square else (size["height"], size["width"]),
        crop=(crop["height"], crop["width"]),
        resample=int(processor.resample),
        mean=tuple(processor.image_mean),
        spread=tuple(processor.image_std),
    )
