"""Which of the kept running averages is taken: the best on photos of their own.

They are the photos of Flickr8k's split for validation, with the teacher's labels; the photos that
the model card judges by take no part in it.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from safetensors.torch import load_file

from detector_service import classes, evaluation, measure, mini
from detector_service.findings import ObjectDetector
from detector_service.measure import Figures, Known, Picture
from detector_service.training import result
from detector_service.training.result import Choice

log = logging.getLogger(__name__)
PHOTOS = 300
CANDIDATES = 4
# The teacher's boxes from the second score on have to be found; between the two they are no error.
DOUBTFUL, SURE = 0.2, 0.4
MIN_BOXES = 20


@dataclass(frozen=True, slots=True)
class Question:
    """A photo and what the teacher sees in it; what it doubts stands as a crowd."""

    image: Image.Image
    known: tuple[Known, ...]


def exam(
    photos: Sequence[tuple[str, Image.Image]], teacher: ObjectDetector, *, count: int = PHOTOS
) -> list[Question]:
    """Return `count` of the photos, spread evenly, with what the teacher sees in them."""
    every = max(1, len(photos) // count)
    return [Question(image, _known(teacher, image)) for _, image in photos[::every][:count]]


def chosen(states: Iterable[Path], questions: Sequence[Question], folder: Path) -> Choice:
    """Write the best of the last states, named by their steps, into `folder` as weights.

    Raises ValueError without a state.
    """
    last = sorted(states)[-CANDIDATES:]
    if not last:
        raise ValueError("no state was kept: train at least one step")
    values = [_value(state, questions, folder) for state in last]
    best = values.index(max(values))
    _written(last[best], folder)
    return Choice(int(last[best].stem), values[best], len(last), len(questions))


def value(pictures: Sequence[Picture]) -> float:
    """Return the mean AP50 of the kinds that the pictures show often enough to tell."""
    figures: Figures = measure.figures(pictures)
    shown = [each.kind for picture in pictures for each in picture.known if each.counts]
    told = [ap for kind, ap in figures.ap50 if ap is not None and shown.count(kind) >= MIN_BOXES]
    return sum(told) / max(1, len(told))


def _value(state: Path, questions: Sequence[Question], folder: Path) -> float:
    found = value(_answers(_written(state, folder), questions))
    log.info("step %d: %.4f on the photos for development", int(state.stem), found)
    return found


def _known(teacher: ObjectDetector, image: Image.Image) -> tuple[Known, ...]:
    return tuple(
        Known(classes.kind_of(found.label), found.label, found.box, crowd=found.confidence < SURE)
        for found in teacher.detect(image)
    )


def _written(state: Path, folder: Path) -> Path:
    return result.write_weights(load_file(state), classes.COCO_80, folder)


def _answers(path: Path, questions: Sequence[Question]) -> list[Picture]:
    detector = mini.load(path, device="cpu", confidence=evaluation.CONFIDENCE)
    return [Picture(each.known, detector.detect(each.image)) for each in questions]
