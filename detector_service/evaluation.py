"""`semapix evaluate detector`: how good an object detector is over a folder of labelled photos."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from common import errors, images, settings
from common.evaluations import Exam, Progress, unwatched
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


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: AP50 per kind and their mean, None for a kind that no photo shows."""

    ap50: Mapping[str, float | None]
    label_right: float
    labelled: float
    milliseconds: float
    photos: int
    model: str
    fingerprint: str


def labelled(folder: Path, *, split: str = "") -> list[Labelled]:
    """Return the photos of a folder with labels.json, by name.

    labels.json: {file: {"width", "height", "boxes": [{"label", "xywh", "crowd"?}], "split"?}}, xywh
    in pixels. Only photos whose split begins with `split`, by default all but those of a split that
    begins with "train"; photos without a split always.
    Raises NotFound without a labels.json, InvalidInput for one of another form or if no photo is
    left.
    """
    path = folder / "labels.json"
    if not path.is_file():
        raise errors.NotFound(f"{path}: no such file; it says what each photo shows")
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
        chosen = sorted(name for name in labels if _is_of(split, labels[name].get("split", "")))
        found = [Labelled(folder / "images" / n, tuple(_known(labels[n]))) for n in chosen]
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        form = '{file: {"width", "height", "boxes": [{"label", "xywh"}]}}'
        raise errors.InvalidInput("", f"{path} is not of the form {form}: {error!r}") from error
    if not found:
        wanted = f"of split {split!r}" if split else "that is not of the split for training"
        raise errors.InvalidInput("", f"{path} has no photo {wanted}")
    return found


def report(
    detector: ObjectDetector, photos: list[Labelled], progress: Progress = unwatched
) -> Report:
    """Return the figures of `detector`, which should have been loaded with a low confidence."""
    for photo in photos[:WARM_UP]:
        detector.detect(_decoded(photo))
    pictures, spent_s = [], 0.0
    for done, photo in enumerate(photos, start=1):
        image = _decoded(photo)
        started = time.perf_counter()
        found = detector.detect(image)
        spent_s += time.perf_counter() - started
        pictures.append(Picture(photo.known, found))
        progress(done, len(photos))
    return Report(
        model=detector.about.name,
        fingerprint=detector.about.fingerprint,
        photos=len(photos),
        per_photo_ms=1000 * spent_s / len(photos),
        figures=measure.figures(pictures),
    )


def sheet(made: Report) -> Sheet:
    """Return the figures as they are printed."""
    figures = made.figures
    ap50 = {kind.name.lower(): value for kind, value in figures.ap50} | {"mean": figures.mean}
    return Sheet(
        ap50={name: None if value is None else round(value, 4) for name, value in ap50.items()},
        label_right=round(figures.label_right, 4),
        labelled=round(figures.labelled, 4),
        milliseconds=round(made.per_photo_ms, 1),
        photos=made.photos,
        model=made.model,
        fingerprint=made.fingerprint,
    )


def evaluate(exam: Exam, progress: Progress) -> Sheet:
    """Return the figures of the detector that `exam.model` or the settings name.

    Raises InvalidInput or NotFound, naming what is wrong with the folder or the model.
    """
    photos = labelled(exam.folder)[: exam.first or None]
    try:
        given = settings.load(Settings, "detector")
        wanted = exam.model or given.objects
        detector = choice.objects(replace(given, objects=wanted, object_confidence=CONFIDENCE))
    except ValueError as error:
        raise errors.InvalidInput("", str(error)) from error
    if isinstance(detector, Absent):
        raise errors.NotFound(detector.reason)
    return sheet(report(detector, photos, progress))


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


def _is_of(wanted: str, split: str) -> bool:
    if not split:
        return True
    return split.startswith(wanted) if wanted else not split.startswith("train")


def _decoded(photo: Labelled) -> Image.Image:
    return images.decode(photo.path.read_bytes(), field=str(photo.path)).image
