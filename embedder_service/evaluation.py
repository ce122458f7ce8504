"""`semapix evaluate encoder`: how well an encoder finds the photos of a folder by text."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from common import errors, images, questions, retrieval, settings
from common.evaluations import Exam, Progress
from common.vectors import Floats
from embedder_service import catalogue, chunks, encoder, texts
from embedder_service.encoder import Encoder
from embedder_service.settings import Settings

BATCH = 32


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed; `retrieval.Figures` says what the figures are, each in [0, 1].

    pictures_per_second: prepared and embedded, decoding left out.
    """

    r_at_1: float
    r_at_5: float
    r_at_10: float
    map: float
    hit_at_5: float
    photos: int
    queries: int
    pictures_per_second: float
    model: str
    fingerprint: str


def evaluate(exam: Exam, progress: Progress) -> Sheet:
    """Return the figures of the encoder that `exam.model` or the settings name.

    Raises InvalidInput or NotFound, naming what is wrong with the folder or the model.
    """
    asked = questions.first(questions.read(exam.folder), exam.first)
    try:
        given = settings.load(Settings, "embedder")
        chosen = catalogue.chosen_by(replace(given, model=exam.model or given.model))
    except ValueError as error:
        raise errors.InvalidInput("", str(error)) from error
    return judged(chosen, asked, progress)


def judged(model: Encoder, asked: questions.Questions, progress: Progress) -> Sheet:
    """Return the figures of `model`."""
    pictures, spent_s = _pictures(model, asked.photos, progress)
    wanted = model.encode_texts([texts.normalised(each.text) for each in asked.questions])
    found = retrieval.figures(pictures, wanted.vectors, asked.questions)
    at_1, at_5, at_10 = (round(value, 4) for value in found.recalls)
    return Sheet(
        r_at_1=at_1,
        r_at_5=at_5,
        r_at_10=at_10,
        map=round(found.precision, 4),
        hit_at_5=round(found.hits, 4),
        photos=len(asked.photos),
        queries=len(asked.questions),
        pictures_per_second=round(len(asked.photos) / spent_s, 1),
        model=model.about.model,
        fingerprint=model.about.fingerprint,
    )


def _pictures(model: Encoder, photos: Sequence[Path], progress: Progress) -> tuple[Floats, float]:
    """Return unit rows, shape (n, d), and the seconds that the model took for them."""
    rows, spent_s = [], 0.0
    for batch in chunks.of(BATCH, photos):
        decoded = [_decoded(path) for path in batch]
        started = time.perf_counter()
        rows.append(encoder.encode_pictures(model, [each.image for each in decoded]))
        spent_s += time.perf_counter() - started
        progress(sum(map(len, rows)), len(photos))
    return np.concatenate(rows), spent_s


def _decoded(path: Path) -> images.Decoded:
    return images.decode(path.read_bytes(), field=str(path))
