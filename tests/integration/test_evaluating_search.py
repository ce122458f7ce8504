"""`semapix evaluate search` through real services: photos that ship with packages, asked for."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.house import MODELS, SEMAPIX

# Words for what they show; the page is found by a word that is printed in it.
CAPTIONS = {
    "astronaut.png": ["a woman in an astronaut suit"],
    "chelsea.png": ["a cat"],
    "coffee.png": ["a cup of coffee on a table"],
    "rocket.jpg": ["a rocket at night"],
    "camera.png": ["a man with a camera"],
    "page.png": ["region-based segmentation"],
    "coins.png": ["old coins"],
    "brick.png": ["a brick wall"],
}


@pytest.fixture(scope="module")
def folder(package_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of a package, one of them twice, with a caption each."""
    made = tmp_path_factory.mktemp("exam")
    (made / "images").mkdir()
    for name in CAPTIONS:
        shutil.copy(package_photos / name, made / "images")
    shutil.copy(made / "images" / "coffee.png", made / "images" / "again.png")
    captions = json.dumps({**CAPTIONS, "again.png": ["coffee"]})
    (made / "captions.json").write_text(captions, encoding="utf-8")
    return made


@pytest.mark.weights
def test_search_is_measured_through_real_services_and_their_library_is_gone_afterwards(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name, value in MODELS.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run(
        [*SEMAPIX, "evaluate", "search", str(folder), "--json"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sheet = json.loads(done.stdout)
    assert (sheet["photos"], sheet["queries"], sheet["failed_stages"]) == (8, 9, 0)
    assert len(sheet["fingerprint"]) == 64
    _check_rows(sheet["rows"])
    assert not list(tmp_path.glob("semapix-*"))
    assert "9/9" in done.stderr


def _check_rows(rows: list[dict[str, Any]]) -> None:
    by_way = {(row["found_by"], row["order"]): row for row in rows}
    assert len(by_way) == 7
    photos, everything = "photos", "photos, regions, texts"
    timeless = [{k: v for k, v in by_way[photos, o].items() if k[0] != "p"} for o in ORDERS]
    assert timeless[0] | {"order": ""} == timeless[1] | {"order": ""}
    assert by_way[photos, "raw"]["samples"] == 8
    assert by_way[everything, "raw"]["samples"] > by_way["photos, regions", "raw"]["samples"]
    # Chance puts the right one of eight photos first in 0.125 of the cases.
    assert by_way[everything, "calibrated"]["r_at_1"] >= 0.6
    # Lines of text, alike as two texts are, come before every photo by their cosines.
    assert by_way[everything, "raw"]["map"] < by_way[everything, "calibrated"]["map"]


ORDERS = ("raw", "calibrated")
