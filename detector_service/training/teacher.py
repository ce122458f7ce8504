"""A larger detector labels the photos that nobody has labelled, and says how sure it is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from detector_service import classes
from detector_service.onnx_detector import OnnxDetector

Floats = npt.NDArray[np.float32]
# Below the first score a box is nothing, from the second on it is certain: the teacher's scores
# are modest, 0.5 is a clear find.
SURELY_NOTHING, SURELY_THERE = 0.1, 0.5
MIN_SCORE = 0.2
MIN_CLASS_SCORE = 0.1
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Labels:
    """`boxes` (g, 4) in [0, 1]; `chances` (g, 1 + classes), nothing first; rows sum to 1."""

    boxes: Floats
    chances: Floats


class Teacher:
    """An ONNX detector, asked for the scores of every class of a box."""

    def __init__(self, detector: OnnxDetector) -> None:
        self.about = detector.about
        self._detector = detector
        self._kinds = np.array([classes.kind_of(name) for name in detector.names])

    def labels(self, image: Image.Image) -> Labels:
        """Return the boxes of a picture, most certain first."""
        form, session = self._detector.form, self._detector.session
        outputs = [output.name for output in session.get_outputs()]
        answer = session.run(outputs, dict(form.inputs(image)))
        found = form.candidates(dict(zip(outputs, answer, strict=True)), image.size)
        corners = np.asarray(found.corners / np.array([*image.size] * 2), dtype=np.float32)
        return self._uncertain(*_by_box(found.numbers, corners, found.scores, len(self._kinds)))

    def _uncertain(self, boxes: Floats, scores: Floats) -> Labels:
        best = scores.max(1, initial=0)
        order = [row for row in np.argsort(-best, kind="stable") if best[row] >= MIN_SCORE]
        kept = list(self._first_of_each(boxes, scores, order))
        return Labels(boxes[kept].clip(0, 1), chances(scores[kept]))

    def _first_of_each(self, boxes: Floats, scores: Floats, order: list[int]) -> Iterator[int]:
        """Yield the rows of `order` that are not the same thing as a row before."""
        kinds = self._kinds[scores.argmax(1)]
        kept: list[int] = []
        for row in order:
            rivals = [other for other in kept if kinds[other] == kinds[row]]
            if not len(rivals) or overlaps(boxes[row], boxes[rivals]).max() < OVERLAP:
                kept.append(row)
                yield row


def chances(scores: Floats) -> Floats:
    """Return chances (n, 1 + classes) for scores (n, classes) in [0, 1]; rows sum to 1."""
    best = scores.max(1, initial=0)
    there = ((best - SURELY_NOTHING) / (SURELY_THERE - SURELY_NOTHING)).clip(0, 1)
    squares = np.where(scores >= MIN_CLASS_SCORE, scores, 0) ** 2
    shares = squares / np.maximum(squares.sum(1, keepdims=True), 1e-9)
    return np.hstack([1 - there[:, None], shares * there[:, None]]).astype(np.float32)


def overlaps(box: Floats, others: Floats) -> Floats:
    """Return intersection over union of one box (4,) with others (n, 4)."""
    corner = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = corner.clip(0).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1) + (box[2:] - box[:2]).prod()
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float32)


def _by_box(
    classes: npt.NDArray[np.int64], boxes: Floats, scores: Floats, count: int
) -> tuple[Floats, Floats]:
    """Return the boxes once each, (n, 4), with the scores of all their classes, (n, count)."""
    unique, rows = np.unique(boxes, axis=0, return_inverse=True)
    table = np.zeros((len(unique), count), np.float32)
    np.maximum.at(table, (rows.reshape(-1), classes), scores)
    return unique, table
