"""The two forms of detectors that are understood, told apart by their inputs and outputs.

DETR-like: a picture and its size in, labels, boxes and scores out.
YOLOX: a picture in, one row of numbers per grid cell out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from common.vectors import Floats
from detector_service.boxes import Candidates, Ints, Letterbox, distinct

Array = npt.NDArray[np.generic]
Shapes = Mapping[str, tuple[int | None, ...]]
Tensors = Mapping[str, Array]
DEFAULT_SIDE_PX = 640
YOLOX_STRIDES = (8, 16, 32)
YOLOX_GREY = 114
YOLOX_OVERLAP = 0.5
# Trained to name everything once; the small ones still say some things twice.
DETR_OVERLAP = 0.7
# Below this nothing is worth comparing with thousands of others.
FLOOR = 0.05


class Form(Protocol):
    """How to ask a model of one form, and how to understand its answer."""

    @property
    def confidence(self) -> float:
        """Return the confidence from which its detections are usually right."""

    def inputs(self, image: Image.Image) -> Tensors:
        """Return what to feed for an RGB picture."""

    def candidates(self, outputs: Tensors, size: tuple[int, int]) -> Candidates:
        """Return what the model proposes for a picture of `size`, (width, height)."""


@dataclass(frozen=True, slots=True)
class Detr:
    """Labels, boxes and scores; the picture stretched to a fixed (width, height), RGB, 0..1."""

    image_name: str
    size_name: str
    frame: tuple[int, int]
    confidence: float = 0.45

    @classmethod
    def of(cls, inputs: Shapes, outputs: Shapes) -> "Detr | None":
        """Return the form, None for a model that is not of it."""
        images = [name for name, shape in inputs.items() if len(shape) == 4]
        sizes = [name for name, shape in inputs.items() if shape[1:] == (2,)]
        if len(images) != 1 or len(sizes) != 1 or not {"labels", "boxes", "scores"} <= set(outputs):
            return None
        return cls(images[0], sizes[0], _frame(inputs[images[0]]))

    def inputs(self, image: Image.Image) -> Tensors:
        """Return the picture, (1, 3, h, w), and its own size, (1, 2)."""
        pixels = _planes(image.resize(self.frame, Image.Resampling.BILINEAR)) / np.float32(255)
        return {self.image_name: pixels, self.size_name: np.array([image.size], dtype=np.int64)}

    def candidates(self, outputs: Tensors, size: tuple[int, int]) -> Candidates:
        """Return them as the model gives them, in pixels of the picture, without duplicates."""
        found = Candidates(
            np.asarray(outputs["boxes"][0], dtype=np.float32),
            np.asarray(outputs["scores"][0], dtype=np.float32),
            np.asarray(outputs["labels"][0], dtype=np.int64),
        )
        return distinct(found.kept(found.scores >= FLOOR), overlap=DETR_OVERLAP)


@dataclass(frozen=True, slots=True)
class Yolox:
    """Grid cells of three strides, each x, y, width, height, objectness and class scores.

    The picture is letterboxed into `frame`, BGR, 0..255. Duplicates are removed here.
    """

    image_name: str
    output_name: str
    frame: tuple[int, int]
    confidence: float = 0.35

    @classmethod
    def of(cls, inputs: Shapes, outputs: Shapes) -> "Yolox | None":
        """Return the form, None for a model that is not of it."""
        if len(inputs) != 1 or len(outputs) != 1:
            return None
        (image_name, image), (output_name, rows) = *inputs.items(), *outputs.items()
        if len(image) != 4 or len(rows) != 3 or (rows[2] or 6) < 6:
            return None
        frame = _frame(image)
        if rows[1] not in (None, len(_cells(frame)[0])):
            return None
        return cls(image_name, output_name, frame)

    def inputs(self, image: Image.Image) -> Tensors:
        """Return the letterboxed picture, (1, 3, h, w), blue first."""
        filled = Letterbox.fitting(image.size, self.frame).filled(image, grey=YOLOX_GREY)
        return {self.image_name: np.ascontiguousarray(_planes(filled)[:, ::-1])}

    def candidates(self, outputs: Tensors, size: tuple[int, int]) -> Candidates:
        """Return one candidate per cell with a chance, the best of its duplicates."""
        rows = np.asarray(outputs[self.output_name][0], dtype=np.float32)
        classes = rows[:, 5:] * rows[:, 4:5]
        numbers: Ints = classes.argmax(axis=1)
        scores: Floats = classes.max(axis=1)
        corners = Letterbox.fitting(size, self.frame).undone(_decoded(rows[:, :4], self.frame))
        found = Candidates(corners, scores, numbers).kept(scores >= FLOOR)
        return distinct(found, overlap=YOLOX_OVERLAP)


def recognised(inputs: Shapes, outputs: Shapes) -> Form:
    """Return the form of a model. Raises ValueError, listing what it has, for any other."""
    form = Detr.of(inputs, outputs) or Yolox.of(inputs, outputs)
    if form is None:
        raise ValueError(
            f"inputs {dict(inputs)} and outputs {dict(outputs)} are of no form that is known."
            " DETR-like: a picture and its size in, labels, boxes and scores out."
            f" YOLOX: a picture in, one row per cell of strides {YOLOX_STRIDES} out."
        )
    return form


def _frame(shape: tuple[int | None, ...]) -> tuple[int, int]:
    return shape[3] or DEFAULT_SIDE_PX, shape[2] or DEFAULT_SIDE_PX


def _planes(image: Image.Image) -> Floats:
    return np.asarray(image, dtype=np.float32).transpose(2, 0, 1)[None]


def _decoded(rows: Floats, frame: tuple[int, int]) -> Floats:
    """Return corners in pixels of the frame; centres count in cells, sides are logarithms."""
    origins, strides = _cells(frame)
    centres = (rows[:, :2] + origins) * strides
    halves = np.exp(rows[:, 2:]) * strides / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)


def _cells(frame: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return column and row (n, 2) and stride (n, 1) of every cell, in YOLOX's order."""
    origins, strides = [], []
    for stride in YOLOX_STRIDES:
        rows, columns = np.mgrid[: frame[1] // stride, : frame[0] // stride]
        origins.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full((rows.size, 1), stride))
    return np.concatenate(origins).astype(np.float32), np.concatenate(strides).astype(np.float32)
