"""What must not be forgotten: photos with captions that have nothing to do with the names."""

import io
import json
import random
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import errors

CAPTIONS, SPLITS, ARCHIVE = "captions.json", "splits.json", "images.tar"
PARTS = "train", "val", "test"
Open = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Captioned:
    """A photo, by what opens it, and the texts that fit it."""

    name: str
    opened: Open
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """Photos to mix in, to watch while training, and to measure in the end what was forgotten."""

    learnt: tuple[Captioned, ...] = ()
    watched: tuple[Captioned, ...] = ()
    held_out: tuple[Captioned, ...] = ()


def read(folder: Path, *, held_out: int, seed: int) -> Background:
    """Return the photos of images/ or images.tar with the captions of captions.json.

    Where splits.json {split: [files]} names "train", "val" and "test", these are learnt, watched
    and held out; otherwise the seed holds out as many as `held_out`, and watches as many, at most a
    third of all each. Raises NotFound or
    InvalidInput, naming the file that lacks or is of another form.
    """
    captions = _captions(folder)
    openers = _openers(folder)
    missing = sorted(set(captions) - set(openers))
    if missing:
        raise errors.NotFound(f"{folder}: {missing[0]!r} has captions and is not in images")
    photos = {
        name: Captioned(name, openers[name], tuple(texts))
        for name, texts in sorted(captions.items())
        if texts
    }
    parts = _split(folder, list(photos), held_out, seed)
    return Background(*(tuple(photos[name] for name in part) for part in parts))


def _captions(folder: Path) -> dict[str, list[str]]:
    path = folder / CAPTIONS
    if not path.is_file():
        raise errors.NotFound(f"{path} is missing: it has to hold {{file: [captions]}}")
    table = _json(path)
    if not isinstance(table, dict) or not all(isinstance(each, list) for each in table.values()):
        raise errors.InvalidInput("", f"{path} is not {{file: [captions]}}")
    return table


def _split(folder: Path, names: Sequence[str], held_out: int, seed: int) -> list[Sequence[str]]:
    splits = _json(folder / SPLITS) if (folder / SPLITS).is_file() else {}
    if set(PARTS) <= set(splits):
        there = set(names)
        return [[name for name in splits[part] if name in there] for part in PARTS]
    order = random.Random(seed).sample(names, len(names))
    apart = min(held_out, len(order) // 3)
    return [order[2 * apart :], order[apart : 2 * apart], order[:apart]]


def _openers(folder: Path) -> dict[str, Open]:
    archive = folder / ARCHIVE
    if archive.is_file():
        return _members(archive)
    images = folder / "images"
    found = images.rglob("*") if images.is_dir() else []
    return {
        path.relative_to(images).as_posix(): path.read_bytes for path in found if path.is_file()
    }


def _members(archive: Path) -> dict[str, Open]:
    """Return what reads each file of a tar, without reading the others."""
    with tarfile.open(archive) as opened:
        places = {each.name: (each.offset_data, each.size) for each in opened if each.isfile()}

    def opener(place: int, size: int) -> Open:
        def read() -> bytes:
            with archive.open("rb") as stream:
                stream.seek(place, io.SEEK_SET)
                return stream.read(size)

        return read

    return {name: opener(*place) for name, place in places.items()}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise errors.InvalidInput("", f"{path} is not JSON: {error}") from error
