"""Settings decide the models: automatic goes without, by name insists, and both say why."""

from pathlib import Path

import pytest
import torch

from common import settings
from detector_service import choice, fasterrcnn
from detector_service.findings import Absent
from detector_service.settings import Settings


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A torch hub cache without anything in it."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path


def test_faster_rcnn_without_weights_is_an_error_that_names_the_file() -> None:
    with pytest.raises(FileNotFoundError, match=r"fasterrcnn_resnet50_fpn_coco.*\.pth"):
        choice.objects(Settings(objects="fasterrcnn"))


def test_cached_weights_are_looked_for_in_the_torch_hub_cache(empty_cache: Path) -> None:
    assert empty_cache in fasterrcnn.cached_path().parents


@pytest.mark.parametrize("name", ["yolo", "model.pt", ""])
def test_unknown_detector_is_an_error_that_lists_the_known(name: str) -> None:
    with pytest.raises(ValueError, match=r"detector\.objects = .*auto, none, fasterrcnn"):
        choice.objects(Settings(objects=name))


def test_what_is_switched_off_says_how_to_switch_it_on() -> None:
    off = Settings(objects="none", ocr="none")
    objects, texts = choice.objects(off), choice.texts(off)
    assert isinstance(objects, Absent)
    assert isinstance(texts, Absent)
    assert "detector.objects" in objects.reason
    assert "detector.ocr" in texts.reason


def test_unknown_reader_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(ValueError, match="easyocr, none"):
        choice.texts(Settings(ocr="tesseract"))


def test_device_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such GPU"):
        choice.device_for(f"cuda:{torch.cuda.device_count()}")
    with pytest.raises(ValueError, match="no device"):
        choice.device_for("abacus")


@pytest.mark.parametrize(
    ("field", "value"),
    [("object_confidence", "1.5"), ("text_confidence", "-0.1"), ("max_waiting", "0")],
)
def test_setting_out_of_range_is_an_error_that_names_it(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"detector\.{field}"):
        settings.load(Settings, "detector", {f"SEMAPIX_DETECTOR_{field.upper()}": value})
