"""COCO's classes: every one has its place, and the two ways to number them agree."""

from collections import Counter
from pathlib import Path

import pytest
from torchvision.models import detection

from common.samples import OBJECT_KINDS, Kind
from detector_service import classes


def test_eighty_classes_fold_into_the_six_kinds() -> None:
    counts = Counter(classes.kind_of(name) for name in classes.COCO_80)
    assert len(set(classes.COCO_80)) == 80
    assert counts == {
        Kind.PERSON: 1,
        Kind.VEHICLE: 8,
        Kind.OUTDOORS: 5,
        Kind.ANIMAL: 10,
        Kind.SPORTS: 10,
        Kind.OBJECT: 46,
    }
    assert set(counts) == set(OBJECT_KINDS)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("person", Kind.PERSON),
        ("bicycle", Kind.VEHICLE),
        ("boat", Kind.VEHICLE),
        ("traffic light", Kind.OUTDOORS),
        ("bench", Kind.OUTDOORS),
        ("bird", Kind.ANIMAL),
        ("giraffe", Kind.ANIMAL),
        ("backpack", Kind.OBJECT),
        ("frisbee", Kind.SPORTS),
        ("tennis racket", Kind.SPORTS),
        ("bottle", Kind.OBJECT),
        ("teddy bear", Kind.OBJECT),
        ("a class of somebody's own", Kind.OBJECT),
    ],
)
def test_class_has_the_kind_a_person_would_give_it(label: str, kind: Kind) -> None:
    assert classes.kind_of(label) is kind


def test_numbering_up_to_90_is_that_of_torchvision() -> None:
    theirs = detection.FasterRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"]
    assert list(classes.COCO_91[1:]) == theirs[1:]
    assert classes.COCO_91[0] == classes.NO_CLASS


def test_names_beside_a_model_are_used_and_coco_otherwise(tmp_path: Path) -> None:
    model = tmp_path / "zoo.onnx"
    assert classes.names_beside(model) == classes.COCO_80
    (tmp_path / "zoo.names.txt").write_text("lynx\n wolf \n", encoding="utf-8")
    assert classes.names_beside(model) == ("lynx", "wolf")


def test_names_file_without_names_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "zoo.names.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(ValueError, match="holds no class names"):
        classes.names_beside(tmp_path / "zoo.onnx")
