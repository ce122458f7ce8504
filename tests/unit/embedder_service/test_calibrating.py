"""A model gets the constants of its own scores by one command."""

import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from common.calibration import Calibration, Pair
from embedder_service import calibration, hardware, mini, understanding
from embedder_service.finetuning import calibrating, constants

WHERE = hardware.Hardware(torch.device("cpu"), torch.float32)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The embedded model in a folder of its own, with the constants of another."""
    folder = tmp_path / "model"
    shutil.copytree(mini.WEIGHTS, folder, ignore=shutil.ignore_patterns(understanding.FILE))
    foreign = dict.fromkeys(Pair, Calibration(99.0, -90.0))
    (folder / calibration.FILE).write_text(calibration.to_json(foreign))
    return folder


@pytest.fixture
def photos(tmp_path: Path, data: Path) -> Path:
    """A few photos that took no part in training, with their captions."""
    own, folder = data / "flickr8k", tmp_path / "photos"
    names = json.loads((own / "splits.json").read_text())["test"][:48]
    captions = json.loads((own / "captions.json").read_text())
    with tarfile.open(own / "images.tar") as archive:
        archive.extractall(folder / "images", names, filter="data")
    (folder / "captions.json").write_text(json.dumps({name: captions[name] for name in names}))
    return folder


@pytest.mark.slow
@pytest.mark.weights
def test_constants_come_near_those_that_other_photos_gave(model: Path, photos: Path) -> None:
    written = calibrating.calibrated(str(model), photos, WHERE)
    assert written == model / calibration.FILE
    found, shipped = calibration.load(written), calibration.load(mini.WEIGHTS / calibration.FILE)
    captions, shipped_captions = (each[Pair.TEXT_IMAGE] for each in (found, shipped))
    assert middle(captions) == pytest.approx(middle(shipped_captions), abs=0.06)
    assert found[Pair.TEXT_TEXT].scores(np.ones(1)) > 0.99
    ready = mini.MiniEncoder(WHERE, model)
    assert ready.about.understanding is not None
    read = ready.encode_texts(["a dog on a beach", "qwxz", "the of and"]).vectors
    known = ready.about.understanding.of(read)
    assert known[0] > 0.9
    assert (known[1:] < 0.2).all()


def middle(one: Calibration) -> float:
    """Return the cosine that scores 0.5."""
    return -one.offset / one.slope


def test_too_few_photos_are_refused_and_the_file_stays(model: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    (few / "images").mkdir(parents=True)
    (few / "captions.json").write_text("{}")
    before = (model / calibration.FILE).read_bytes()
    with pytest.raises(ValueError, match=f"0 photos with captions: {constants.LEAST_PHOTOS}"):
        calibrating.calibrated(str(model), few, WHERE)
    assert (model / calibration.FILE).read_bytes() == before


def test_a_model_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'nobody/nothing' is neither a folder nor"):
        calibrating.calibrated("nobody/nothing", tmp_path, WHERE)
