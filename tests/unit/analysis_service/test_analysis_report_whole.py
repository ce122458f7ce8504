"""A whole report on photos made here, by the embedded model in a process of its own."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis_service.report import report
from common import errors
from common.evaluations import Wanted, unwatched

COLOURS = {"red": (200, 30, 30), "blue": (30, 40, 200)}


def photo(path: Path, colour: tuple[int, int, int], seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 50, (64, 64, 3))
    Image.fromarray((np.array(colour) + noise).astype(np.uint8)).save(path)


@pytest.fixture
def walls(tmp_path: Path) -> Path:
    (tmp_path / "walls" / "images").mkdir(parents=True)
    table = {}
    for label, colour in COLOURS.items():
        for number in range(5):
            name = f"{label}{number}.png"
            photo(tmp_path / "walls" / "images" / name, colour, number)
            boxes = [{"label": label, "xywh": [8, 8, 40, 40]}]
            captions = [f"a {label} wall"]
            table[name] = {"width": 64, "height": 64, "boxes": boxes, "captions": captions}
    (tmp_path / "walls" / "labels.json").write_text(json.dumps(table))
    return tmp_path / "walls"


@pytest.mark.weights
def test_a_report_is_one_page_with_its_figures_in_it(walls: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    written = report.report(Wanted((walls,), out, model="mini"), unwatched)
    page = (out / "report.html").read_text()
    record = json.loads((out / "report.json").read_text())
    assert written.sections == 5
    assert written.left_out == (record["sections"][1]["title"], record["sections"][6]["title"])
    names = [name for part in record["sections"] for name in part["charts"]]
    assert page.count("data:image/png;base64,") == len(names) == 7
    assert "src=" not in page.replace('src="data:', "")
    text = (out / "report.md").read_text()
    for name in names:
        assert f"({name})" in text
        with Image.open(out / name) as chart:
            chart.load()
    assert record["fingerprint"] == written.fingerprint
    numbers = {each["name"]: each["value"] for each in record["sections"][0]["numbers"]}
    assert numbers["mean cosine, same class"] > numbers["mean cosine, different classes"]


def test_nothing_to_look_at_is_said_before_a_model_is_loaded(tmp_path: Path) -> None:
    for name in ("curve.json", "figures.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(errors.InvalidInput, match="nothing to look at"):
        report.report(Wanted((tmp_path,), tmp_path / "out"), unwatched)
    assert not (tmp_path / "out").exists()
