"""What the training sees: photos in memory, each with boxes that may be uncertain."""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from common import errors

Floats = npt.NDArray[np.float32]
LONG_SIDE_PX = 384


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo, uint8 (height, width, 3), with `boxes` (g, 4) left, top, right, bottom in [0, 1].

    `chances` (g, 1 + classes): nothing (column 0) or each class; rows sum to 1.
    """

    pixels: npt.NDArray[np.uint8]
    boxes: Floats
    chances: Floats


def flickr8k_photos(folder: Path, *, split: str = "train") -> Iterator[tuple[str, Image.Image]]:
    """Yield name and picture of a split of Flickr8k, by name."""
    names = set(json.loads((folder / "splits.json").read_text(encoding="utf-8"))[split])
    with tarfile.open(folder / "images.tar") as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            stream = archive.extractfile(member) if member.name in names else None
            if stream is not None:
                yield member.name, Image.open(io.BytesIO(stream.read())).convert("RGB")


def coco_scenes(folder: Path, names: tuple[str, ...], *, split: str) -> list[Scene]:
    """Return the photos of one split of a folder with labels.json, all boxes certain."""
    path = folder / "labels.json"
    if not path.is_file():
        raise errors.NotFound(f"{path}: no such file; --data is the folder that holds coco/")
    labels = json.loads(path.read_text(encoding="utf-8"))
    chosen = sorted(name for name, photo in labels.items() if photo["split"].startswith(split))
    return [_coco_scene(folder / "images" / name, labels[name], names) for name in chosen]


def shrunk(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Return pixels, uint8 (height, width, 3), with no side above `LONG_SIDE_PX`."""
    small = image.copy()
    small.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX), Image.Resampling.LANCZOS)
    return np.asarray(small, dtype=np.uint8)


def _coco_scene(path: Path, photo: dict[str, object], names: tuple[str, ...]) -> Scene:
    image = Image.open(path).convert("RGB")
    given = [box for box in photo["boxes"] if not box.get("crowd")]  # type: ignore[attr-defined]
    corners = np.array([box["xywh"] for box in given], np.float32).reshape(-1, 4)
    corners[:, 2:] += corners[:, :2]
    boxes = corners / np.array([image.width, image.height] * 2, np.float32)
    chances = np.zeros((len(given), 1 + len(names)), np.float32)
    columns = [1 + names.index(box["label"]) for box in given]
    chances[np.arange(len(given)), columns] = 1
    return Scene(shrunk(image), boxes.clip(0, 1), chances)
