"""The photos to learn from and to be measured on; they are never part of the project."""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from common import images
from common.samples import Box

MIN_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class Example:
    """A picture's name, the part of it that is looked at, and texts that fit it."""

    name: str
    part: Box
    texts: tuple[str, ...]
    split: str


def flickr8k(folder: Path) -> list[Example]:
    """Return the 8,091 photos with five captions each, split "train", "val" or "test"."""
    captions = _json(folder / "captions.json")
    splits = _json(folder / "splits.json")
    whole = Box(0.0, 0.0, 1.0, 1.0)
    return [
        Example(name, whole, tuple(captions[name]), split)
        for split, names in splits.items()
        for name in names
    ]


def coco(folder: Path) -> list[Example]:
    """Return the captioned photos, split "train2017" or "val2017"."""
    whole = Box(0.0, 0.0, 1.0, 1.0)
    return [
        Example(name, whole, tuple(record["captions"]), record["split"])
        for name, record in _json(folder / "labels.json").items()
        if record["captions"]
    ]


def coco_things(folder: Path) -> list[Example]:
    """Return the single things that fill at least 4 % of their photo, named by their class."""
    return [
        Example(name, part, (box["label"],), record["split"])
        for name, record in _json(folder / "labels.json").items()
        for box in record["boxes"]
        if not box.get("crowd") and (part := _part(box["xywh"], record)).area >= MIN_SHARE
    ]


def flickr8k_pictures(folder: Path) -> Iterator[tuple[str, Image.Image]]:
    """Yield names and RGB pictures in the order of the archive."""
    with tarfile.open(folder / "images.tar") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream is not None:
                yield member.name, Image.open(io.BytesIO(stream.read())).convert("RGB")


def coco_pictures(folder: Path) -> Iterator[tuple[str, Image.Image]]:
    """Yield names and RGB pictures in the order of their names."""
    for path in sorted((folder / "images").iterdir()):
        yield path.name, images.decode(path.read_bytes()).image


def _part(xywh: list[float], record: dict[str, int]) -> Box:
    x, y, width, height = xywh
    return Box(
        max(0.0, x / record["width"]),
        max(0.0, y / record["height"]),
        width / record["width"],
        height / record["height"],
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
