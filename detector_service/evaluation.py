"""How good an object detector is over a folder: python -m detector_service.evaluation DIR."""

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from common import errors, images
from common.samples import Box
from detector_service import choice, classes, measure
from detector_service.findings import Absent, ObjectDetector
from detector_service.measure import Figures, Known, Picture
from detector_service.settings import Settings

# Average precision looks at weak finds too.
CONFIDENCE = 0.02
WARM_UP = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A photo of the folder and what it shows."""

    path: Path
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one detector over one folder; `per_photo_ms` leaves decoding out."""

    model: str
    fingerprint: str
    photos: int
    per_photo_ms: float
    figures: Figures


def labelled(folder: Path, *, split: str) -> list[Labelled]:
    """Return the photos of a folder with labels.json, by name.

    labels.json: {file: {"width", "height", "boxes": [{"label", "xywh", "crowd"?}], "split"?}}, xywh
    in pixels. Only photos whose split begins with `split`; those without a split always.
    Raises NotFound without a labels.json, InvalidInput if no photo is left.
    """
    path = folder / "labels.json"
    if not path.is_file():
        raise errors.NotFound(f"{path}: no such file; it says what each photo shows")
    labels = json.loads(path.read_text(encoding="utf-8"))
    chosen = sorted(name for name, p in labels.items() if p.get("split", split).startswith(split))
    if not chosen:
        raise errors.InvalidInput("split", f"{path} has no photo of split {split!r}")
    return [Labelled(folder / "images" / name, tuple(_known(labels[name]))) for name in chosen]


def report(detector: ObjectDetector, photos: list[Labelled]) -> Report:
    """Return the figures of `detector`, which should have been loaded with a low confidence."""
    pictures, spent_s = [], []
    for photo in [*photos[:WARM_UP], *photos]:
        image = images.decode(photo.path.read_bytes()).image
        started = time.perf_counter()
        found = detector.detect(image)
        spent_s.append(time.perf_counter() - started)
        pictures.append(Picture(photo.known, found))
    warm = min(WARM_UP, len(photos))
    return Report(
        model=detector.about.name,
        fingerprint=detector.about.fingerprint,
        photos=len(photos),
        per_photo_ms=1000 * sum(spent_s[warm:]) / len(photos),
        figures=measure.figures(pictures[warm:]),
    )


def as_json(made: Report) -> str:
    """Return the report as JSON."""
    figures = made.figures
    ap50 = {kind.name.lower(): value for kind, value in figures.ap50} | {"mean": figures.mean}
    rounded = {name: None if value is None else round(value, 4) for name, value in ap50.items()}
    return json.dumps(
        {
            "ap50": rounded,
            "label_right": round(figures.label_right, 4),
            "labelled": round(figures.labelled, 4),
            "milliseconds": round(made.per_photo_ms, 1),
            "photos": made.photos,
            "model": made.model,
            "fingerprint": made.fingerprint,
        }
    )


def as_table(made: Report) -> str:
    """Return the report as lines for a person."""
    figures = made.figures
    rows = [(f"AP50 {kind.name.lower()}", value) for kind, value in figures.ap50]
    rows += [("AP50 mean", figures.mean), ("label right", figures.label_right)]
    rows += [("labelled", figures.labelled)]
    lines = [f"{name:16}{'none shown' if v is None else f'{v:.3f}'}" for name, v in rows]
    head = f"{made.model} over {made.photos} photos, {made.per_photo_ms:.1f} ms a photo"
    return "\n".join([head, *lines])


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; return 2 with a message for what cannot be evaluated."""
    logging.basicConfig(level=logging.WARNING)
    given = _arguments(arguments)
    torch.set_num_threads(given.threads)
    try:
        settings = Settings(
            objects=given.objects, device=given.device, object_confidence=CONFIDENCE
        )
        detector = choice.objects(settings)
        if isinstance(detector, Absent):
            raise errors.NotFound(detector.reason)
        made = report(detector, labelled(given.folder, split=given.split))
    except (errors.SemapixError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(as_json(made) if given.json else as_table(made))
    return 0


def _known(photo: dict[str, Any]) -> Iterator[Known]:
    for box in photo["boxes"]:
        x, y, width, height = box["xywh"]
        place = Box(
            x / photo["width"],
            y / photo["height"],
            width / photo["width"],
            height / photo["height"],
        )
        kind = classes.kind_of(box["label"])
        yield Known(kind, box["label"], place, crowd=bool(box.get("crowd")))


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m detector_service.evaluation")
    parser.add_argument("folder", type=Path, help="holds images/ and labels.json")
    parser.add_argument("--objects", default="auto", help="as the setting detector.objects")
    parser.add_argument("--split", default="val", help="photos of other splits are left out")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
