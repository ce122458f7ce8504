"""`semapix models` and `semapix evaluate`: what packages register is listed, measured, fetched."""

import json
import subprocess
import sys

import pytest

METADATA = "Metadata-Version: 2.1\nName: other-package\nVersion: 1\nProvides-Extra: heavy\n"
POINTS = """
[semapix.models]
other = other_models:SHELF
[semapix.evaluate]
colours = other_models:evaluate
broken = no_such_module:evaluate [heavy]
"""
PACKAGE = """
import dataclasses
from pathlib import Path
from common import errors
from common.model_catalogue import Choice, Listing, Model, State, Task

FAST = Model("fast", Task.READER, State.EMBEDDED, "MIT", size_bytes=2_000_000)
GOOD = Model("good", Task.READER, State.DOWNLOADABLE, "MIT", figures={"right": 0.75})

class Shelf:
    def listing(self):
        return Listing((FAST, GOOD), (Choice(Task.READER, "fast", "good is not here"),))
    def offers(self, name):
        return name in ("good", "gone")
    def fetch(self, name):
        if name == "gone":
            raise errors.Unavailable("gone cannot be downloaded: no network")
        return Path("/there") / name

SHELF = Shelf()

@dataclasses.dataclass(frozen=True)
class Sheet:
    right: float
    by_size: dict
    model: str

def evaluate(exam, progress):
    if not (exam.folder / "labels.json").is_file():
        raise errors.NotFound(f"{exam.folder} has no labels.json")
    progress(exam.first, 7)
    return Sheet(0.75, {"small": None}, exam.model or "usual")
"""
LOOK = """
import sys
from ui import main
for arguments in (["--help"], ["models", "--help"], ["evaluate", "--help"],
                  ["evaluate", "encoder", "--help"]):
    try:
        main.app(arguments)
    except SystemExit as ended:
        assert not ended.code, arguments
print(sorted({"torch", "transformers", "huggingface_hub"} & set(sys.modules)))
"""


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    """Another package is installed that knows two models and one evaluation."""
    place = tmp_path / "site"
    (place / "other_package-1.dist-info").mkdir(parents=True)
    (place / "other_package-1.dist-info" / "METADATA").write_text(METADATA)
    (place / "other_package-1.dist-info" / "entry_points.txt").write_text(POINTS)
    (place / "other_models.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(place)
    sys.modules.pop("other_models", None)


def test_models_of_a_package_are_listed_with_what_auto_takes(semapix):
    done = semapix("models", "--json")
    assert done.code == 0
    models = {model["name"]: model for model in done.json["models"]}
    assert (models["fast"]["state"], models["fast"]["size_bytes"]) == ("embedded", 2_000_000)
    assert models["good"]["figures"] == {"right": 0.75}
    assert {"task": "reader", "name": "fast", "reason": "good is not here"} in done.json["auto"]


def test_own_models_are_listed_in_a_table(semapix):
    done = semapix("models")
    assert done.code == 0
    for words in ("openai/clip-vit-base-patch32", "mini", "fasterrcnn", "easyocr", "auto takes"):
        assert words in done.out


def test_fetching_says_where_the_files_are(semapix):
    assert semapix("models", "fetch", "good", "--json").json == {
        "name": "good",
        "path": "/there/good",
    }
    assert "nothing to fetch" in semapix("models", "fetch", "fast").out


def test_fetching_that_cannot_be_is_one_sentence(semapix):
    gone, unknown = semapix("models", "fetch", "gone"), semapix("models", "fetch", "unknown")
    assert (gone.code, gone.err) == (1, "semapix: gone cannot be downloaded: no network\n")
    assert unknown.code == 1
    assert "there is no model 'unknown' to fetch; there are" in unknown.err


def test_evaluation_prints_json_or_a_table(semapix, tmp_path):
    (tmp_path / "labels.json").write_text("{}")
    shown = semapix("evaluate", "colours", tmp_path, "--json", "--model", "best", "--first", 3)
    assert shown.json == {"right": 0.75, "by_size": {"small": None}, "model": "best"}
    assert "3/7" in shown.err
    table = semapix("evaluate", "colours", tmp_path).out.splitlines()
    assert [line.split() for line in table[1:]] == [
        ["right", "0.75"],
        ["by_size", "small", "none"],
        ["model", "usual"],
    ]


def test_evaluation_that_fails_is_one_sentence(semapix, tmp_path):
    done = semapix("evaluate", "colours", tmp_path)
    assert done.code == 1
    assert done.err == f"semapix: {tmp_path} has no labels.json\n"
    assert semapix("evaluate", "colours", tmp_path / "none").code == 2
    assert semapix("evaluate", "nothing", tmp_path).code == 2


def test_evaluation_whose_packages_are_missing_names_what_brings_them(semapix, tmp_path):
    done = semapix("evaluate", "broken", tmp_path)
    assert done.code == 1
    assert "no_such_module" in done.err
    assert "pip install 'other-package[heavy]'" in done.err


def test_help_loads_nothing_heavy():
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1].replace("'", '"')) == []
    for name in ("detector", "encoder", "ocr"):
        assert name in done.stdout
