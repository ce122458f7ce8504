"""Geometry of detections: corners in pixels, overlap, duplicates, letterboxes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from common.samples import Box
from common.vectors import Floats
from detector_service import classes
from detector_service.findings import Detection

Ints = npt.NDArray[np.int64]
Corners = Sequence[float] | npt.NDArray[np.floating[npt.NBitBase]]
MIN_SIDE_PX = 1.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a model proposes for one picture.

    corners: (n, 4) left, top, right, bottom in pixels of the picture; scores: (n,) in [0, 1];
    numbers: (n,) class numbers.
    """

    corners: Floats
    scores: Floats
    numbers: Ints

    def kept(self, which: "npt.NDArray[np.bool_] | Ints") -> "Candidates":
        """Return those of a mask or of an index array, in its order."""
        return Candidates(self.corners[which], self.scores[which], self.numbers[which])


def relative_box(corners: Corners, width: int, height: int) -> Box | None:
    """Return the box clipped to a picture of that size, None if less than a pixel is left."""
    left, right = (min(max(float(x), 0.0), float(width)) for x in (corners[0], corners[2]))
    top, bottom = (min(max(float(y), 0.0), float(height)) for y in (corners[1], corners[3]))
    if right - left < MIN_SIDE_PX or bottom - top < MIN_SIDE_PX:
        return None
    return Box(left / width, top / height, (right - left) / width, (bottom - top) / height)


def overlaps(corners: Floats, others: Floats) -> Floats:
    """Return intersection over union of each with each, shape (n, m), in [0, 1]."""
    low = np.maximum(corners[:, None, :2], others[None, :, :2])
    high = np.minimum(corners[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas, other_areas = _areas(corners), _areas(others)
    union = areas[:, None] + other_areas[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), dtype=np.float32)


def distinct(found: Candidates, *, overlap: float) -> Candidates:
    """Return the best of every group of the same class that overlaps by more than `overlap`.

    Most confident first (greedy non-maximum suppression).
    """
    found = found.kept(np.argsort(-found.scores, kind="stable"))
    rival = overlaps(found.corners, found.corners) > overlap
    rival &= found.numbers[:, None] == found.numbers[None, :]
    alive = np.ones(len(found.scores), dtype=bool)
    for at in range(len(alive)):
        if alive[at]:
            alive[at + 1 :] &= ~rival[at, at + 1 :]
    return found.kept(alive)


def detections(
    found: Candidates, names: Sequence[str], size: tuple[int, int], *, confidence: float
) -> list[Detection]:
    """Return what reaches `confidence`, most confident first; `size` is (width, height)."""
    found = found.kept(found.scores >= confidence)
    found = found.kept(np.argsort(-found.scores, kind="stable"))
    result = []
    for corners, score, number in zip(found.corners, found.scores, found.numbers, strict=True):
        box = relative_box(corners, *size)
        label = _name(names, int(number))
        if box and label != classes.NO_CLASS:
            result.append(Detection(classes.kind_of(label), label, box, min(float(score), 1.0)))
    return result


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture of `size` shrunk or grown to `inner` in the top left corner of a `frame`.

    Each is (width, height) in pixels; the proportions of the picture stay.
    """

    size: tuple[int, int]
    inner: tuple[int, int]
    frame: tuple[int, int]

    @classmethod
    def fitting(cls, size: tuple[int, int], frame: tuple[int, int]) -> "Letterbox":
        """Return the one in which the picture touches two sides of the frame."""
        scale = min(frame[0] / size[0], frame[1] / size[1])
        width, height = (
            min(max(1, round(side * scale)), most) for side, most in zip(size, frame, strict=True)
        )
        return cls(size, (width, height), frame)

    def filled(self, image: Image.Image, *, grey: int) -> Image.Image:
        """Return the frame with the picture in it and the rest in `grey`, 0..255."""
        canvas = Image.new("RGB", self.frame, (grey, grey, grey))
        canvas.paste(image.resize(self.inner, Image.Resampling.BILINEAR))
        return canvas

    def undone(self, corners: Floats) -> Floats:
        """Return corners (n, 4) in pixels of the picture for corners in pixels of the frame."""
        scale = np.divide(self.size, self.inner)
        return np.asarray(corners * np.tile(scale, 2), dtype=np.float32)


def _areas(corners: Floats) -> Floats:
    return np.asarray(np.prod(corners[:, 2:] - corners[:, :2], axis=1), dtype=np.float32)


def _name(names: Sequence[str], number: int) -> str:
    return names[number] if 0 <= number < len(names) else f"class {number}"
