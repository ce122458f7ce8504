"""The teacher's labels of a set of photos, kept in a file so that they are made once."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from detector_service.training.scenes import Scene, shrunk
from detector_service.training.teacher import Labels, Teacher

log = logging.getLogger(__name__)
REPORT_EVERY = 500


def labelled(
    photos: Iterable[tuple[str, Image.Image]], teacher: Teacher, kept_in: Path
) -> list[Scene]:
    """Return the photos with the labels of `kept_in`; made and written there where it is missing.

    Raises ValueError if the file is of other photos or of another teacher.
    """
    if not kept_in.is_file():
        photos = list(photos)
        _write(kept_in, teacher, [name for name, _ in photos], _asked(photos, teacher))
    return list(_joined(photos, teacher, kept_in))


def _asked(photos: Iterable[tuple[str, Image.Image]], teacher: Teacher) -> Iterator[Labels]:
    for count, (_, image) in enumerate(photos, 1):
        yield teacher.labels(image)
        if count % REPORT_EVERY == 0:
            log.info("labelled %d photos", count)


def _write(path: Path, teacher: Teacher, names: list[str], found: Iterable[Labels]) -> None:
    labels = list(found)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        names=np.array(names),
        teacher=np.array(teacher.about.fingerprint),
        counts=np.array([len(each.boxes) for each in labels]),
        boxes=np.concatenate([each.boxes for each in labels]),
        chances=np.concatenate([each.chances for each in labels]),
    )
    partial.replace(path)


def _joined(
    photos: Iterable[tuple[str, Image.Image]], teacher: Teacher, path: Path
) -> Iterator[Scene]:
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["teacher"]) != teacher.about.fingerprint:
            raise ValueError(f"{path} was made by another teacher: delete it to label anew")
        ends = stored["counts"].cumsum()[:-1]
        boxes, chances = np.split(stored["boxes"], ends), np.split(stored["chances"], ends)
        names = [str(name) for name in stored["names"]]
    rows = zip(photos, names, boxes, chances, strict=True)
    for (name, image), labelled_name, box, chance in rows:
        if name != labelled_name:
            raise ValueError(f"{path} is of other photos ({labelled_name}): delete it")
        yield Scene(shrunk(image), box, chance)
