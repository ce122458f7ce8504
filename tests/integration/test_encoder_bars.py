"""The embedded encoder finds what it must, on photos that took no part in its training."""

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from common.evaluations import Exam
from embedder_service import evaluation
from tests.benchmarks import everyday_photos

pytestmark = [pytest.mark.weights, pytest.mark.slow]
CAPTIONS = "captions.json"
Make = Callable[[Path, Path], None]


def flickr8k(folder: Path, data: Path) -> None:
    """Lay out the 1,000 photos of the test split with their captions."""
    own = data / "flickr8k"
    names = json.loads((own / "splits.json").read_text())["test"]
    captions = json.loads((own / CAPTIONS).read_text())
    with tarfile.open(own / "images.tar") as archive:
        archive.extractall(folder / "images", names, filter="data")
    (folder / CAPTIONS).write_text(json.dumps({name: captions[name] for name in names}))


def coco(folder: Path, data: Path) -> None:
    """Lay out the photos of val2017 with their captions."""
    labels = json.loads((data / "coco" / "labels.json").read_text())
    chosen = {name: one["captions"] for name, one in labels.items() if one["split"] == "val2017"}
    (folder / "images").mkdir(parents=True)
    for name in chosen:
        shutil.copy(data / "coco" / "images" / name, folder / "images")
    (folder / CAPTIONS).write_text(json.dumps(chosen))


@pytest.mark.parametrize(
    ("make", "bars"),
    [
        (flickr8k, {"r_at_10": 0.70}),
        (coco, {"r_at_5": 0.88, "r_at_10": 0.95}),
        (everyday_photos.build, {"hit_at_5": 0.85}),
    ],
)
def test_photos_are_found_by_what_they_show(
    tmp_path: Path, data: Path, make: Make, bars: dict[str, float]
) -> None:
    make(tmp_path, data)
    sheet = evaluation.evaluate(Exam(tmp_path, "mini"), lambda done, total: None)
    assert {name: getattr(sheet, name) for name, least in bars.items()
            if getattr(sheet, name) < least} == {}  # fmt: skip
