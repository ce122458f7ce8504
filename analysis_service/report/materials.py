"""What a report can be made of: folders, recognised by what lies in them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis_service import evaluation
from common import errors
from common.samples import Box

LABELS, CAPTIONS, CURVE, FIGURES = "labels.json", "captions.json", "curve.json", "figures.json"
FORMS = (
    "labels.json {file: {width, height, boxes, captions?}} or {name: [files]}, captions.json "
    "{file: [captions]}, a folder per name, or what `semapix finetune` wrote"
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A labelled region of a photo."""

    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo and the things that are known to be in it."""

    path: Path
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Captioned:
    """A photo and texts that fit it, at least one."""

    path: Path
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Materials:
    """Everything that was found; `tuned` is the folder of a fine-tuned model."""

    scenes: tuple[Scene, ...] = ()
    people: Mapping[Path, str] = field(default_factory=dict)
    captioned: tuple[Captioned, ...] = ()
    tuned: Path | None = None


def read(folders: Sequence[Path], first: int = 0) -> Materials:
    """Return what the folders hold, of each kind so many photos from the start; 0 for all.

    Raises InvalidInput or NotFound, naming the folder or file that is of another form.
    """
    found = Materials()
    for folder in folders:
        found = _with(found, folder)
    return replace(
        found,
        scenes=found.scenes[: first or None],
        people=_spread(found.people, first),
        captioned=found.captioned[: first or None],
    )


def _spread(people: Mapping[Path, str], first: int) -> dict[Path, str]:
    """Return so many photos: the first of each person, then the second of each, and so on."""
    turns: dict[str, int] = {}
    ranked = []
    for path, name in people.items():
        turns[name] = turns.get(name, 0) + 1
        ranked.append((turns[name], path))
    kept = sorted(ranked, key=lambda each: each[0])[: first or None]
    return {path: people[path] for _, path in kept}


def _with(found: Materials, folder: Path) -> Materials:
    if (folder / CURVE).is_file() and (folder / FIGURES).is_file():
        return replace(found, tuned=folder)
    if (folder / LABELS).is_file():
        return _with_labels(found, folder)
    if (folder / CAPTIONS).is_file():
        table = _json(folder / CAPTIONS)
        return replace(found, captioned=(*found.captioned, *_captioned(folder, table)))
    named = {path: each.name for each in _folders(folder) for path in _files(each)}
    if len(set(named.values())) < 2:
        raise errors.InvalidInput("", f"{folder} is of no known form: {FORMS}")
    return replace(found, people={**found.people, **named})


def _with_labels(found: Materials, folder: Path) -> Materials:
    table = _json(folder / LABELS)
    if any(isinstance(value, list) for value in table.values()):
        return replace(found, people={**found.people, **evaluation.labelled(folder)})
    try:
        scenes = tuple(_scene(folder, name, value) for name, value in table.items())
        texts = {name: value.get("captions") or [] for name, value in table.items()}
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        form = "{file: {width, height, boxes: [{label, xywh}], captions?}}"
        raise errors.InvalidInput("", f"{folder / LABELS} is not {form}: {error!r}") from error
    more = _captioned(folder, texts)
    return replace(found, scenes=(*found.scenes, *scenes), captioned=(*found.captioned, *more))


def _scene(folder: Path, name: str, value: Mapping[str, Any]) -> Scene:
    size = float(value["width"]), float(value["height"])
    boxes = [each for each in value["boxes"] if not each.get("crowd")]
    things = tuple(Thing(str(each["label"]), _box(each["xywh"], size)) for each in boxes)
    return Scene(_there(folder, name), things)


def _box(pixels: Sequence[float], size: tuple[float, float]) -> Box:
    x, y = max(0.0, pixels[0] / size[0]), max(0.0, pixels[1] / size[1])
    return Box(x, y, min(pixels[2] / size[0], 1 - x), min(pixels[3] / size[1], 1 - y))


def _captioned(folder: Path, table: Mapping[str, Any]) -> list[Captioned]:
    if not all(isinstance(texts, list) for texts in table.values()):
        raise errors.InvalidInput("", f"{folder}: captions are not {{file: [captions]}}")
    return [
        Captioned(_there(folder, name), tuple(map(str, texts)))
        for name, texts in table.items()
        if texts
    ]


def _there(folder: Path, name: str) -> Path:
    path = folder / "images" / name
    if not path.is_file():
        raise errors.NotFound(f"{folder} names {name[:80]!r}: no such file in images/")
    return path


def _folders(folder: Path) -> list[Path]:
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return [each for each in inside if each.is_dir() and each.name[0] != "."]


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_file() and each.name[0] != ".")


def _json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise errors.InvalidInput("", f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict) or not found:
        raise errors.InvalidInput("", f"{path} is empty or no JSON object")
    return found
