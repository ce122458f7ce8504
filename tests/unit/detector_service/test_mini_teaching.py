"""What the teacher says becomes chances; a photo becomes a training square."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector_service.boxes import Candidates
from detector_service.findings import About
from detector_service.training import augmentation, batches, labelling
from detector_service.training.scenes import Scene
from detector_service.training.teacher import Labels, Teacher, chances

CLASSES = 80


def certain(column: int) -> np.ndarray:
    row = np.zeros((1, 1 + CLASSES), np.float32)
    row[0, 1 + column] = 1
    return row


def scene(*, column: int = 0, colour: int = 200) -> Scene:
    """A dark photo with one bright square in its middle."""
    pixels = np.full((100, 120, 3), 20, np.uint8)
    pixels[25:75, 30:90] = colour
    return Scene(pixels, np.array([[0.25, 0.25, 0.75, 0.75]], np.float32), certain(column))


def test_chances_sum_to_one_and_follow_the_scores():
    scores = np.zeros((3, CLASSES), np.float32)
    scores[0, 5], scores[1, 5], scores[1, 6], scores[2, 5] = 0.8, 0.3, 0.3, 0.1
    rows = chances(scores)
    assert rows.sum(1) == pytest.approx(1)
    assert rows[0, 6] == pytest.approx(1)
    assert rows[1, [0, 6, 7]] == pytest.approx([0.5, 0.25, 0.25])
    assert rows[2, 0] == pytest.approx(1)


class Session:
    """Answers as a DETR-like model does."""

    def __init__(self, boxes: np.ndarray, scores: np.ndarray, labels: np.ndarray) -> None:
        self.answer = [boxes, scores, labels]

    def get_outputs(self) -> list["Named"]:
        return [Named("boxes"), Named("scores"), Named("labels")]

    def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        return self.answer


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


class Form:
    confidence = 0.5

    def inputs(self, image: Image.Image) -> dict[str, np.ndarray]:
        return {}

    def candidates(self, outputs: dict[str, np.ndarray], size: tuple[int, int]) -> Candidates:
        return Candidates(outputs["boxes"], outputs["scores"], outputs["labels"])


class Detector:
    about = About("fake", "f00d", "cpu")
    names = ("person", "dog", "cat")
    form = Form()

    def __init__(self, boxes: list[list[float]], scores: list[float], labels: list[int]) -> None:
        self.session = Session(
            np.array(boxes, np.float32), np.array(scores, np.float32), np.array(labels)
        )


def taught(boxes: list[list[float]], scores: list[float], labels: list[int]) -> Labels:
    teacher = Teacher(Detector(boxes, scores, labels))  # type: ignore[arg-type]
    return teacher.labels(Image.new("RGB", (100, 200)))


def test_one_box_with_two_classes_is_one_uncertain_label():
    labels = taught([[10, 20, 50, 100]] * 2, [0.6, 0.3], [1, 2])
    assert labels.boxes == pytest.approx(np.array([[0.1, 0.1, 0.5, 0.5]]))
    assert labels.chances[0] == pytest.approx([0, 0, 0.8, 0.2], abs=1e-6)


def test_the_same_thing_found_twice_is_labelled_once():
    labels = taught([[0, 0, 50, 100], [0, 0, 52, 100], [0, 0, 50, 101]], [0.6, 0.5, 0.4], [1, 2, 0])
    assert len(labels.boxes) == 2
    assert labels.chances[1, 1] > 0.5


def test_faint_boxes_are_left_out():
    assert not len(taught([[0, 0, 50, 100]], [0.1], [1]).boxes)


class Counting:
    """A teacher that counts how often it is asked."""

    about = About("counting", "c0de", "cpu")

    def __init__(self) -> None:
        self.asked = 0

    def labels(self, image: Image.Image) -> Labels:
        self.asked += 1
        boxes = np.array([[0, 0, 1, 0.5]] * (self.asked % 2), np.float32).reshape(-1, 4)
        return Labels(boxes, np.repeat(certain(3), len(boxes), axis=0))


def test_labels_are_made_once_and_come_back_the_same(tmp_path: Path):
    photos = [(f"{n}.jpg", Image.new("RGB", (40, 30), (n, n, n))) for n in range(3)]
    teacher, kept = Counting(), tmp_path / "labels.npz"
    first = labelling.labelled(photos, teacher, kept)  # type: ignore[arg-type]
    again = labelling.labelled(photos, teacher, kept)  # type: ignore[arg-type]
    assert teacher.asked == 3
    assert [len(each.boxes) for each in first] == [1, 0, 1]
    for one, other in zip(first, again, strict=True):
        assert (one.boxes == other.boxes).all()
        assert (one.chances == other.chances).all()


def test_labels_of_other_photos_are_refused(tmp_path: Path):
    kept = tmp_path / "labels.npz"
    labelling.labelled([("a.jpg", Image.new("RGB", (9, 9)))], Counting(), kept)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="other photos"):
        labelling.labelled([("b.jpg", Image.new("RGB", (9, 9)))], Counting(), kept)  # type: ignore[arg-type]


def test_boxes_stay_on_what_they_show():
    """However a photo is cut, stretched and mirrored, its bright square lies within its box."""
    chance = np.random.default_rng(5)
    seen = 0
    for _ in range(40):
        pixels, boxes, _ = augmentation.square([scene()] * 4, 128, chance)
        bright = pixels.astype(float).mean(2) > pixels.astype(float).mean(2).max() * 0.6
        for left, top, right, bottom in boxes.round().astype(int):
            assert bright[top:bottom, left:right].mean() > 0.8
            seen += 1
    assert seen > 40


def test_rare_classes_are_drawn_more_often():
    scenes = [scene(column=0)] * 99 + [scene(column=7)]
    frequencies = batches.frequencies(scenes, certain=0)
    assert frequencies.sum() == pytest.approx(1)
    factor = np.sqrt(batches.COMMON_SHARE / 0.01)
    assert frequencies[99] == pytest.approx(factor * frequencies[0], rel=0.01)


def test_scenes_labelled_by_people_count_more():
    frequencies = batches.frequencies([scene()] * 4, certain=1)
    assert frequencies[3] == pytest.approx(batches.CERTAIN_FACTOR * frequencies[0])


def test_batches_depend_on_their_number_alone():
    scenes = [scene(colour=100 + n) for n in range(8)]
    chosen = batches.frequencies(scenes, certain=0)
    seeds = [batches.Seed(training=1, step=step, size=2, side_px=64) for step in range(6)]
    run = list(batches.ahead(scenes, chosen, seeds))
    resumed = list(batches.ahead(scenes, chosen, seeds[4:]))
    assert len(run) == 6
    assert all((a.pixels == b.pixels).all() for a, b in zip(run[4:], resumed, strict=True))
    assert not (run[0].pixels == run[1].pixels).all()
