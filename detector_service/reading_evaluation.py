"""`semapix evaluate ocr`: how well the words of a folder's photos are read."""

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from common import errors, images, settings
from common.evaluations import Exam, Progress
from detector_service import choice, reading_measure
from detector_service.findings import Absent, Line, TextReader
from detector_service.reading_measure import Page, Place, Score, Word
from detector_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Signs:
    """A photo of the folder and the words in it, in pixels of the photo."""

    path: Path
    known: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed; `by_size`: see `reading_measure.SIZES`. milliseconds: of reading a photo."""

    word_recall: float | None
    word_precision: float | None
    by_size: Mapping[str, Score]
    photos: int
    words: int
    milliseconds: float
    model: str
    fingerprint: str


def evaluate(exam: Exam, progress: Progress) -> Sheet:
    """Return the figures of the reader that `exam.model` or the settings name.

    Raises InvalidInput or NotFound, naming what is wrong with the folder or the model.
    """
    photos = labelled(exam.folder)[: exam.first or None]
    try:
        given = settings.load(Settings, "detector")
        reader = choice.texts(replace(given, ocr=exam.model or given.ocr))
    except ValueError as error:
        raise errors.InvalidInput("", str(error)) from error
    if isinstance(reader, Absent):
        raise errors.NotFound(reader.reason)
    return judged(reader, photos, progress)


def labelled(folder: Path) -> list[Signs]:
    """Return the photos of a folder with labels.json, in its order.

    labels.json: {file: {"words": [{"text", "quad": [x, y, ...] px, "legible"?}]}}.
    Raises NotFound without a labels.json, InvalidInput for one of another form or without photos.
    """
    path = folder / "labels.json"
    if not path.is_file():
        raise errors.NotFound(f"{path}: no such file; it says which words each photo shows")
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        found = [Signs(folder / "images" / name, _known(table[name])) for name in table]
    except (ValueError, TypeError, LookupError) as error:
        form = '{file: {"words": [{"text", "quad", "legible"}]}}'
        raise errors.InvalidInput("", f"{path} is not of the form {form}: {error!r}") from error
    if not found:
        raise errors.InvalidInput("", f"{path} names no photo")
    return found


def judged(reader: TextReader, photos: Sequence[Signs], progress: Progress) -> Sheet:
    """Return the figures of `reader`, which sees what it sees in service: the working copy."""
    pages, spent_s = [], 0.0
    for done, photo in enumerate(photos, start=1):
        image = images.decode(photo.path.read_bytes(), field=str(photo.path)).image
        copy = images.decode(images.working_copy(image)).image
        started = time.perf_counter()
        lines = reader.read(copy)
        spent_s += time.perf_counter() - started
        known = [_scaled(word, copy.width / image.width) for word in photo.known]
        pages.append(Page(known, [word for line in lines for word in _read(line, copy)]))
        progress(done, len(photos))
    scores = reading_measure.scores(pages)
    return Sheet(
        word_recall=scores.every.word_recall,
        word_precision=scores.every.word_precision,
        by_size=scores.by_size,
        photos=len(photos),
        words=scores.every.words,
        milliseconds=round(1000 * spent_s / len(photos), 1),
        model=reader.about.name,
        fingerprint=reader.about.fingerprint,
    )


def _known(photo: Mapping[str, Any]) -> tuple[Word, ...]:
    return tuple(word for entry in photo["words"] for word in _words(entry))


def _words(entry: Mapping[str, Any]) -> Iterator[Word]:
    """Yield the words of one label; its height is that of the shorter side of the quadrilateral."""
    corners = list(zip(entry["quad"][::2], entry["quad"][1::2], strict=True))
    xs, ys = zip(*corners, strict=True)
    sides = [math.dist(a, b) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    place = Place(min(xs), min(ys), max(xs), max(ys))
    for word in reading_measure.words(
        entry["text"],
        place,
        height_px=min(sides[0] + sides[2], sides[1] + sides[3]) / 2,
        legible=bool(entry.get("legible", True)),
    ):
        yield replace(word, line=word.place)


def _read(line: Line, copy: Image.Image) -> list[Word]:
    left, top = line.box.x * copy.width, line.box.y * copy.height
    width, height = line.box.width * copy.width, line.box.height * copy.height
    place = Place(left, top, left + width, top + height)
    return reading_measure.words(line.text, place, height_px=min(width, height))


def _scaled(word: Word, scale: float) -> Word:
    place = word.place
    sides = (place.left, place.top, place.right, place.bottom)
    smaller = Place(*(scale * side for side in sides))
    return replace(word, place=smaller, line=smaller, height_px=scale * word.height_px)
