"""One training square out of one photo, or out of four."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from detector_service.training.scenes import Floats, Scene

MIN_VISIBLE = 0.4
MIN_AREA = 0.003
MIN_SIDE = 0.03
MOSAIC_SHARE = 0.5
GREY_SHARE = 0.05


def square(
    scenes: list[Scene], size: int, chance: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Floats, Floats]:
    """Return uint8 pixels (size, size, 3), boxes (g, 4) in pixels and their chances.

    The first scene alone, or all four as a mosaic.
    """
    if chance.random() < MOSAIC_SHARE:
        pixels, boxes, chances = _mosaic(scenes, size, chance)
    else:
        pixels, boxes, chances = _view(scenes[0], (size, size), chance)
    sides = boxes[:, 2:] - boxes[:, :2]
    kept = (sides.min(1, initial=size) >= MIN_SIDE * size) & (sides.prod(1) >= MIN_AREA * size**2)
    return _tinted(pixels, chance), boxes[kept], chances[kept]


def _mosaic(
    scenes: list[Scene], size: int, chance: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Floats, Floats]:
    across, down = (int(size * chance.uniform(0.35, 0.65)) for _ in range(2))
    canvas = np.zeros((size, size, 3), np.uint8)
    boxes, chances = [], []
    for number, scene in enumerate(scenes):
        left, right = ((0, across), (across, size))[number % 2]
        top, bottom = ((0, down), (down, size))[number // 2]
        view = _view(scene, (right - left, bottom - top), chance)
        canvas[top:bottom, left:right] = view[0]
        boxes.append(view[1] + np.array([left, top, left, top], np.float32))
        chances.append(view[2])
    return canvas, np.concatenate(boxes), np.concatenate(chances)


def _view(
    scene: Scene, size: tuple[int, int], chance: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Floats, Floats]:
    """Return a random part of a photo, stretched to `size` (width, height), perhaps mirrored."""
    window = _window(chance)
    height, width = scene.pixels.shape[:2]
    part = tuple(window * np.array([width, height, width, height]))
    pixels = np.asarray(Image.fromarray(scene.pixels).resize(size, Image.Resampling.BILINEAR, part))
    boxes, visible = _within(scene.boxes, window)
    if chance.random() < 0.5:
        pixels = pixels[:, ::-1]
        boxes = np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], 1)
    scale = np.array([*size, *size], np.float32)
    return pixels, (boxes[visible] * scale).astype(np.float32), scene.chances[visible]


def _window(chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return left, top, right, bottom in [0, 1] of a part that covers a quarter or more."""
    area = 1.0 if chance.random() < 0.25 else chance.uniform(0.3, 1.0)
    aspect = np.exp(chance.uniform(-0.4, 0.4))
    sides = np.minimum(1.0, np.array([(area * aspect) ** 0.5, (area / aspect) ** 0.5]))
    corner = chance.uniform(0, 1, 2) * (1 - sides)
    return np.concatenate([corner, corner + sides])


def _within(boxes: Floats, window: npt.NDArray[np.float64]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return boxes in shares of the window, clipped, and which of them are visible enough."""
    corner, sides = window[:2], window[2:] - window[:2]
    moved = (boxes - np.tile(corner, 2)) / np.tile(sides, 2)
    clipped = moved.clip(0, 1)
    before = (moved[:, 2:] - moved[:, :2]).prod(1)
    after = (clipped[:, 2:] - clipped[:, :2]).prod(1)
    return clipped.astype(np.float32), after > MIN_VISIBLE * before


def _tinted(pixels: npt.NDArray[np.uint8], chance: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return the pixels under another light."""
    values = pixels.astype(np.float32)
    grey = values.mean(2, keepdims=True)
    colour = 0.0 if chance.random() < GREY_SHARE else chance.uniform(0.6, 1.4)
    values = grey + (values - grey) * colour
    middle = values.mean()
    values = middle + (values - middle) * chance.uniform(0.7, 1.3)
    values *= chance.uniform(0.75, 1.25) * chance.uniform(0.94, 1.06, 3).astype(np.float32)
    return np.asarray(values.clip(0, 255), dtype=np.uint8)
