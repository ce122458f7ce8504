"""The everyday queries ask for photos of the list, and for none that anything was trained on."""

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType

import pytest

from common import questions

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("SEMAPIX_DATA", ROOT.parent / "shared" / "data"))
LIST = ROOT / "tests" / "benchmarks" / "everyday_queries.json"
ASKED = json.loads(LIST.read_text(encoding="utf-8"))
LEAST = 60


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("everyday", LIST.with_name("everyday_photos.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_query_has_an_answer_in_the_list() -> None:
    assert len(ASKED["queries"]) >= LEAST
    for text, answer in ASKED["queries"].items():
        assert answer["relevant"], text
        assert {*answer["relevant"], *answer.get("ignore", ())} <= set(ASKED["photos"]), text


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")
def test_no_photo_of_the_list_is_one_of_a_training_split() -> None:
    splits = json.loads((DATA / "flickr8k" / "splits.json").read_text(encoding="utf-8"))
    labels = json.loads((DATA / "coco" / "labels.json").read_text(encoding="utf-8"))
    taught = {f"flickr8k/{name}" for name in splits["train"]}
    taught |= {f"coco/{name}" for name, each in labels.items() if each["split"] != "val2017"}
    assert not taught & set(ASKED["photos"])


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")
def test_folder_holds_every_photo_and_its_questions(tmp_path: Path) -> None:
    tool().build(tmp_path, DATA)
    read = questions.read(tmp_path)
    assert len(read.photos) == len(ASKED["photos"])
    assert len(read.questions) == len(ASKED["queries"])
