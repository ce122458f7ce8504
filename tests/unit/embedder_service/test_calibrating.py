"""A model gets the constants of its own scores by one command."""

import json
import random
import shutil
import string
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from common import vectors
from common.calibration import Calibration, Pair
from common.vectors import Floats
from embedder_service import calibration, catalogue, hardware, mini, understanding
from embedder_service.encoder import About, EncodedTexts, Pixels
from embedder_service.finetuning import calibrating, constants, result

WHERE = hardware.Hardware(torch.device("cpu"), torch.float32)
LETTERS = "rgb" + "".join(sorted({*string.ascii_lowercase} - {*"rgb"}))


class Letters:
    """Pictures by mean colour; texts by their letters, of which r, g and b are the colours."""

    about = About("letters", "ab" * 32, len(LETTERS) + 1, "cpu", "float32", 99, {})

    def prepare(self, image: Image.Image) -> Pixels:
        return np.asarray(image.resize((1, 1)), dtype=np.uint8)

    def encode_images(self, pixels: Sequence[Pixels]) -> Floats:
        rows = np.zeros((len(pixels), self.about.dimension), np.float32)
        rows[:, :3] = np.stack(pixels).reshape(-1, 3)
        return vectors.normalised(rows)

    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        counts = [[*map(text.count, LETTERS), sum(not c.isalpha() for c in text)] for text in texts]
        rows = vectors.normalised(np.array(counts, np.float32))
        return EncodedTexts(rows, (False,) * len(rows))


@pytest.fixture
def painted(tmp_path: Path) -> Path:
    """Pictures of one colour each, and captions whose letters say which."""
    rng, folder, captions = random.Random(0), tmp_path / "painted", {}
    (folder / "images").mkdir(parents=True)
    for at in range(48):
        colour = [rng.randrange(25) for _ in "rgb"]
        name = f"{at}.png"
        Image.new("RGB", (40, 40), tuple(10 * one + 1 for one in colour)).save(
            folder / "images" / name
        )
        captions[name] = ["".join(map(str.__mul__, "rgb", colour)) + "rgb"]
    (folder / "captions.json").write_text(json.dumps(captions))
    return folder


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


def test_constants_and_sense_are_of_the_model_and_the_photos(
    painted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "load", lambda *_: Letters())
    found = calibration.load(calibrating.calibrated(str(tmp_path), painted, WHERE))
    for pair in Pair:
        assert found[pair].scores(np.ones(1)) > 0.9
        assert found[pair].scores(np.zeros(1)) < 0.1
    probe = understanding.load(tmp_path / understanding.FILE, fingerprint=Letters.about.fingerprint)
    assert probe is not None
    word, digits = probe.of(Letters().encode_texts(["sunset", "2023 10 4"]).vectors)
    assert word > 0.5 > digits


def test_a_model_that_learnt_names_gets_no_sense(
    painted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "load", lambda *_: Letters())
    (tmp_path / result.CURVE).touch()
    calibrating.calibrated(str(tmp_path), painted, WHERE)
    assert not (tmp_path / understanding.FILE).exists()


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
