"""Detectors from files: ONNX models on real photos, Faster R-CNN against torchvision's own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import detection
from torchvision.transforms.functional import to_tensor

from common.vectors import Floats
from detector_service import boxes, classes, fasterrcnn, onnx_detector
from detector_service.findings import Detection

PHOTOS = 16
LARGE_SHARE = 0.15
SMALL_SIDE_PX = (96,)


def corners(detections: list[Detection]) -> Floats:
    """Return relative left, top, right, bottom of each, shape (n, 4)."""
    rows = [(d.box.x, d.box.y, d.box.x + d.box.width, d.box.y + d.box.height) for d in detections]
    return np.array(rows, dtype=np.float32).reshape(-1, 4)


def large_objects(photo: dict[str, Any]) -> list[tuple[str, Floats]]:
    """Return class and relative corners of what covers much of a labelled photo."""
    found = []
    for known in photo["boxes"]:
        x, y, width, height = known["xywh"]
        scale = np.tile([photo["width"], photo["height"]], 2)
        place = np.array([x, y, x + width, y + height], dtype=np.float32) / scale
        if not known.get("crowd") and np.prod(place[2:] - place[:2]) >= LARGE_SHARE:
            found.append((known["label"], place[None].astype(np.float32)))
    return found


@pytest.mark.parametrize(
    ("name", "least"), [("deimv2_femto", 0.6), ("deimv2_atto", 0.55), ("yolox_nano", 0.6)]
)
def test_onnx_detector_finds_known_large_objects_in_their_place(
    models: Path, data: Path, name: str, least: float
) -> None:
    (path,) = (models / "detectors" / name).glob("*.onnx")
    detector = onnx_detector.load(path, device="cpu", confidence=0.0)
    labels = json.loads((data / "coco" / "labels.json").read_text())
    hits = []
    for file, photo in list(labels.items())[:PHOTOS]:
        seen = detector.detect(Image.open(data / "coco" / "images" / file).convert("RGB"))
        for label, place in large_objects(photo):
            same = corners([each for each in seen if each.label == label])
            hits.append(bool((boxes.overlaps(same, place) >= 0.5).any()))
    assert len(hits) >= 8
    assert np.mean(hits) >= least


def test_file_that_is_no_model_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ValueError, match=r"broken\.onnx is not a model"):
        onnx_detector.load(path, device="cpu", confidence=0.0)


@pytest.fixture(scope="module")
def theirs() -> Any:
    """torchvision's own model as it is with trained weights, but with random ones."""
    torch.manual_seed(7)
    weights = detection.FasterRCNN_ResNet50_FPN_Weights.COCO_V1
    with pytest.MonkeyPatch.context() as patch:
        made = fasterrcnn._architecture(0.0).state_dict()
        patch.setattr(type(weights), "get_state_dict", lambda *_, **__: made)
        return detection.fasterrcnn_resnet50_fpn(weights=weights, box_score_thresh=0.0).eval()


@pytest.fixture(scope="module")
def saved(theirs: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(theirs.state_dict(), path)
    return path


def test_faster_rcnn_from_a_file_finds_what_torchvision_finds(theirs: Any, saved: Path) -> None:
    image = Image.effect_mandelbrot((120, 90), (-2, -1, 1, 1), 60).convert("RGB")
    detector = fasterrcnn.load(saved, device="cpu", confidence=1e-6)
    detector.model.transform.min_size = theirs.transform.min_size = SMALL_SIDE_PX
    with torch.inference_mode():
        (expected,) = theirs([to_tensor(image)])
    seen = detector.detect(image)
    labels = np.array([classes.COCO_91[int(number)] for number in expected["labels"]])
    places = expected["boxes"].numpy()
    real = (labels != classes.NO_CLASS) & (places[:, 2:] - places[:, :2] >= 1).all(axis=1)
    assert real.sum() >= 5
    assert [each.label for each in seen] == labels[real].tolist()
    assert np.allclose(corners(seen), places[real] / [120, 90, 120, 90], atol=1e-4)


def test_faster_rcnn_is_told_apart_by_its_weights(saved: Path) -> None:
    about = fasterrcnn.load(saved, device="cpu", confidence=0.0).about
    assert (about.name, about.device, len(about.fingerprint)) == (fasterrcnn.NAME, "cpu", 64)


def test_file_with_other_weights_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save({"weight": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match=r"other\.pth does not hold the weights"):
        fasterrcnn.load(path, device="cpu", confidence=0.0)
