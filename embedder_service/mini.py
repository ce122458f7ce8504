"""The embedded model: needs no download, everything it is arrives with the packages."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from common import vectors
from common.vectors import Floats
from embedder_service import (
    calibration,
    checkpoints,
    chunks,
    fingerprints,
    mini_heads,
    mini_towers,
    mini_tuned,
    understanding,
)
from embedder_service.encoder import About, EncodedTexts, Pixels
from embedder_service.hardware import Hardware

NAME = checkpoints.EMBEDDED
WEIGHTS = Path(__file__).parent / "weights"
HEADS_FILE = "mini.safetensors"
# Maps of more pictures than this leave the cache of a processor, and it waits for memory.
_CPU_PICTURES = 8
_BATCH = 32


class MiniEncoder:
    """Two towers as their packages hold them, and what training made of the rest in `folder`.

    `model` is the name it goes by: a fine-tuned one is called by its folder.
    """

    def __init__(self, hardware: Hardware, folder: Path = WEIGHTS, *, model: str = NAME) -> None:
        pictures, texts = mini_towers.pictures(), mini_towers.texts()
        tuned = mini_tuned.load(folder / HEADS_FILE, mini_tuned.untrained(pictures, texts))
        pictures.upper = tuned.upper
        weights = {"pictures": pictures, "texts": texts, "layers": tuned.layers}
        fingerprint = _fingerprint({**weights, "heads": tuned.heads})
        self._about = About(
            model=model,
            fingerprint=fingerprint,
            dimension=mini_heads.DIMENSION,
            device=str(hardware.device),
            precision=hardware.precision,
            max_tokens=mini_towers.MAX_TOKENS,
            calibrations=calibration.load(folder / calibration.FILE),
            understanding=understanding.load(folder / understanding.FILE, fingerprint=fingerprint),
        )
        for module in (pictures.lower.blocks, pictures.upper, texts.layers, tuned.layers):
            mini_towers.shortened(module, hardware)
        self._pictures = mini_towers.PictureTower(hardware, pictures)
        self._texts = mini_towers.TextTower(hardware, texts, tuned.layers.to(hardware.device))
        self._heads = tuned.heads.to(hardware.device)
        self._together = _CPU_PICTURES if hardware.device.type == "cpu" else _BATCH

    @property
    def about(self) -> About:
        return self._about

    def prepare(self, image: Image.Image) -> Pixels:
        return mini_towers.square(image)

    @torch.inference_mode()
    def encode_images(self, pixels: Sequence[Pixels]) -> Floats:
        rows = [
            self._heads.pictures(self._pictures(np.stack(batch)))
            for batch in chunks.of(self._together, pixels)
        ]
        return vectors.normalised(torch.cat(rows).cpu().numpy())

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        rows = [self._heads.texts(self._texts(batch)) for batch in chunks.of(_BATCH, texts)]
        unit = vectors.normalised(torch.cat(rows).cpu().numpy())
        return EncodedTexts(unit, self._texts.truncated(texts))


def _fingerprint(modules: dict[str, torch.nn.Module]) -> str:
    weights = {
        f"{part}.{name}": tensor
        for part, module in modules.items()
        for name, tensor in module.state_dict().items()
    }
    return fingerprints.fingerprint(weights, mini_towers.PREPROCESSING)
