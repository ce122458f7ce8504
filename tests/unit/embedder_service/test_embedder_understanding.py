"""Which texts mean something to a model: the probe, what it is fitted to, and the shipped one."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from common import vectors
from common.vectors import Floats
from embedder_service import calibration, hardware, mini, texts, understanding
from embedder_service.training import sense, senseless
from embedder_service.understanding import LEAST, Understanding

EVERYDAY = Path(__file__).parents[2] / "benchmarks" / "everyday_queries.json"
WHERE = hardware.Hardware(torch.device("cpu"), torch.float32)
PROBE = Understanding(np.array([8.0, 0.0], np.float32), -2.0)
NONSENSE = (
    *("qwxz", "the of and", "asdf jkl", "🐶", "zzzzzzzz", "!!!", "is was been", "krrzt"),
    *("x" * 10_000, "0000 1111", "and or but", "sdlfkj sldkfj", "mxyzptlk", "IMG_2034.JPG"),
)
MEANT = (
    *("dog", "a dog on the beach", "wedding cake", "receipt", "whiteboard with equations"),
    *("who is in the water", "axolotl", "zucchini", "tv", "Serena Williams", "no parking"),
    *("quarterly revenue spreadsheet", "in the snow", "my daughter Emma", "corgi", "me at the sea"),
)


def test_texts_on_one_side_are_understood() -> None:
    rows = vectors.normalised(np.array([[1, 0], [1, 1], [0, 1], [-1, 0]], np.float32))
    found = PROBE.of(rows)
    assert found[0] == pytest.approx(1 / (1 + np.exp(-6)), abs=1e-4)
    assert (np.diff(found) < 0).all()
    assert found[-1] == LEAST


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / understanding.FILE
    assert understanding.load(path, fingerprint="beef") is None
    understanding.save(PROBE, path, fingerprint="beef")
    found = understanding.load(path, fingerprint="beef")
    assert found is not None
    assert (found.weights.tolist(), found.offset) == ([8.0, 0.0], -2.0)


def test_one_of_other_weights_is_left_aside_and_a_damaged_one_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / understanding.FILE
    understanding.save(PROBE, path, fingerprint="beef")
    assert understanding.load(path, fingerprint="feed") is None
    assert "fitted to the model beef, this one is feed" in caplog.text
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match="does not hold what tells texts apart"):
        understanding.load(path, fingerprint="beef")


def test_logistic_finds_the_coefficients_that_made_the_answers() -> None:
    rng = np.random.default_rng(0)
    design = np.concatenate([rng.standard_normal((40_000, 3)), np.ones((40_000, 1))], axis=1)
    true = np.array([1.5, -0.5, 0.0, 0.7])
    answers = (rng.random(40_000) < 1 / (1 + np.exp(-design @ true))).astype(float)
    shares = np.full(40_000, 1 / 40_000)
    assert calibration.logistic(design, targets=answers, shares=shares) == pytest.approx(
        true, abs=0.06
    )
    held = calibration.logistic(design, targets=answers, shares=shares, ridge=1.0)
    assert np.abs(held).max() < 0.5


def read(wanted: Sequence[str]) -> Floats:
    """A model that knows English: words of its vocabulary lie on one side."""
    known = {*sense.english()}
    rows = np.random.default_rng(0).standard_normal((len(wanted), 32)).astype(np.float32)
    for row, text in zip(rows, wanted, strict=True):
        row[0] = 4.0 if known & {*text.lower().split()} else -4.0
    return vectors.normalised(rows)


def test_probe_tells_unseen_texts_apart() -> None:
    captions = ["a dog runs through tall grass", "two men repair a bicycle"] * 30
    probe = sense.fitted(read, captions, seed=3)
    rng = random.Random(99)
    unseen = ["horse under water", "empty railway station", *(senseless.drawn(rng) for _ in "abcd")]
    found = probe.of(read(unseen))
    assert (found[:2] > 0.9).all()
    assert (found[2:] < 0.3).all()


def test_what_is_drawn_means_nothing() -> None:
    rng, known = random.Random(5), {*sense.english()}
    drawn = [senseless.drawn(rng) for _ in range(2_000)]
    assert all(text.strip() for text in drawn)
    assert len({*drawn}) > 1_500
    assert sum(bool(known & {*text.split()}) for text in drawn) < 20


@pytest.fixture(scope="module")
def encoder() -> mini.MiniEncoder:
    return mini.MiniEncoder(WHERE)


def understood(encoder: mini.MiniEncoder, wanted: Sequence[str]) -> dict[str, float]:
    probe = encoder.about.understanding
    assert probe is not None
    rows = encoder.encode_texts([texts.normalised(text) for text in wanted]).vectors
    return dict(zip(wanted, probe.of(rows).tolist(), strict=True))


@pytest.mark.weights
def test_embedded_model_knows_nonsense_from_words(encoder: mini.MiniEncoder) -> None:
    assert {text for text, one in understood(encoder, NONSENSE).items() if one >= 0.5} == set()
    assert {text for text, one in understood(encoder, MEANT).items() if one <= 0.5} == set()


@pytest.mark.weights
def test_captions_and_everyday_questions_are_understood(
    encoder: mini.MiniEncoder, data: Path
) -> None:
    folder = data / "flickr8k"
    names = json.loads((folder / "splits.json").read_text())["test"]
    captions = json.loads((folder / "captions.json").read_text())
    found = understood(encoder, [captions[name][0] for name in names])
    assert np.quantile([*found.values()], 0.01) > 0.6
    everyday = understood(encoder, [*json.loads(EVERYDAY.read_text())["queries"]])
    assert min(everyday.values()) > 0.6
