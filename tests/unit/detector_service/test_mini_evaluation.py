"""The evaluation command: what it reads, what it prints, what it refuses."""

import json
from pathlib import Path

import pytest
from PIL import Image

from common import errors
from common.evaluations import Exam, unwatched
from common.samples import Box, Kind
from detector_service import evaluation
from detector_service.findings import About, Detection


class Knowing:
    """Finds the dog on the left of wide pictures, nothing in others."""

    about = About("knowing", "f00d", "cpu")

    def detect(self, image: Image.Image) -> list[Detection]:
        if image.width <= image.height:
            return []
        return [Detection(Kind.ANIMAL, "dog", Box(0.0, 0.0, 0.5, 1.0), 0.9)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    labels = {}
    for name, size, split in (("a", (80, 40), "val2017"), ("b", (40, 80), "val2017")):
        Image.new("RGB", size).save(tmp_path / "images" / f"{name}.jpg")
        box = {"label": "dog", "xywh": [0, 0, size[0] / 2, size[1]]}
        labels[f"{name}.jpg"] = {
            "width": size[0],
            "height": size[1],
            "split": split,
            "boxes": [box],
        }
    labels["c.jpg"] = {"width": 9, "height": 9, "split": "train2017", "boxes": []}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return tmp_path


def test_only_photos_of_the_split_are_judged(folder: Path) -> None:
    photos = evaluation.labelled(folder, split="val")
    assert [photo.path.name for photo in photos] == ["a.jpg", "b.jpg"]
    assert photos[0].known[0].box == Box(0.0, 0.0, 0.5, 1.0)


def test_photos_without_a_split_are_always_judged(folder: Path) -> None:
    path = folder / "labels.json"
    labels = json.loads(path.read_text(encoding="utf-8"))
    for photo in labels.values():
        del photo["split"]
    path.write_text(json.dumps(labels), encoding="utf-8")
    assert len(evaluation.labelled(folder, split="val")) == 3


def test_all_but_the_photos_for_training_are_judged_by_default(folder: Path) -> None:
    assert len(evaluation.labelled(folder)) == 2
    path = folder / "labels.json"
    path.write_text(path.read_text(encoding="utf-8").replace("val2017", "train2017"))
    with pytest.raises(errors.InvalidInput, match="not of the split for training"):
        evaluation.labelled(folder)


def test_sheet_has_the_figures_under_the_names_of_the_kinds(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    photos = evaluation.labelled(folder)
    made = evaluation.report(Knowing(), photos, lambda *done: told.append(done))
    sheet = evaluation.sheet(made)
    assert list(sheet.ap50) == [
        "person",
        "vehicle",
        "outdoors",
        "animal",
        "sports",
        "object",
        "mean",
    ]
    assert sheet.ap50["animal"] == pytest.approx(51 / 101, abs=1e-4)
    assert sheet.ap50["mean"] == sheet.ap50["animal"]
    assert sheet.ap50["person"] is None
    assert (sheet.label_right, sheet.photos, sheet.model) == (1.0, 2, "knowing")
    assert sheet.milliseconds >= 0
    assert told == [(1, 2), (2, 2)]


def test_folder_without_labels_or_photos_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(errors.NotFound, match=r"labels\.json"):
        evaluation.labelled(tmp_path / "images", split="val")
    with pytest.raises(errors.InvalidInput, match="no photo of split 'test'"):
        evaluation.labelled(folder, split="test")


@pytest.mark.parametrize("content", ["{", '{"a.jpg": {"boxes": [{"label": "dog"}]}}', "[1]"])
def test_labels_of_another_form_are_refused(folder: Path, content: str) -> None:
    (folder / "labels.json").write_text(content)
    with pytest.raises(errors.InvalidInput, match="not of the form"):
        evaluation.labelled(folder)


@pytest.mark.parametrize(("model", "said"), [("none", "switched off"), ("yolo", "not one of auto")])
def test_model_that_cannot_be_had_is_refused(folder: Path, model: str, said: str) -> None:
    with pytest.raises((errors.NotFound, errors.InvalidInput), match=said):
        evaluation.evaluate(Exam(folder, model), unwatched)
