"""The checkpoint that is taken is the best on the photos for development."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from common.samples import Box, Kind
from detector_service import classes, mini
from detector_service.findings import About, Detection
from detector_service.measure import Known, Picture
from detector_service.mini_network import MiniNetwork
from detector_service.training import development
from detector_service.training.loop import halves

HALF = Box(0.0, 0.0, 0.5, 1.0)


class Sees:
    """Sees a sure dog and a doubtful car in every picture."""

    about = About("sees", "0", "cpu")

    def detect(self, image: Image.Image) -> list[Detection]:
        return [
            Detection(Kind.ANIMAL, "dog", HALF, development.SURE),
            Detection(Kind.VEHICLE, "car", HALF, development.DOUBTFUL),
        ]


def picture(confidence: float, *, right: bool) -> Picture:
    place = HALF if right else Box(0.6, 0.0, 0.4, 1.0)
    return Picture(
        [Known(Kind.ANIMAL, "dog", HALF)], [Detection(Kind.ANIMAL, "dog", place, confidence)]
    )


def test_what_the_teacher_doubts_need_not_be_found() -> None:
    photos = [(str(n), Image.new("RGB", (8, 8))) for n in range(10)]
    questions = development.exam(photos, Sees(), count=5)
    assert len(questions) == 5
    assert [(each.label, each.counts) for each in questions[0].known] == [
        ("dog", True),
        ("car", False),
    ]


def test_kinds_that_are_rare_there_do_not_decide() -> None:
    often = [picture(0.9, right=True)] * development.MIN_BOXES
    rare = Picture([Known(Kind.SPORTS, "kite", HALF)], [])
    assert development.value([*often, rare]) == pytest.approx(1.0)
    assert development.value(often[1:]) == 0.0


def test_best_of_the_last_states_is_written(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = MiniNetwork(mini.kinds_of(classes.COCO_80))
    states = tmp_path / "states"
    states.mkdir()
    for step in (1, 2):
        save_file(halves(network.state_dict()), states / f"{step:06}.safetensors")
    image = Image.fromarray(np.zeros((40, 40, 3), np.uint8))
    questions = [development.Question(image, (Known(Kind.ANIMAL, "dog", HALF),))]
    choice = development.chosen(states.iterdir(), questions, tmp_path)
    assert (choice.step, choice.candidates, choice.asked) == (1, 2, 1)
    assert mini.load(tmp_path / "mini.safetensors", device="cpu", confidence=0.0).names


def test_no_state_to_choose_from_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one step"):
        development.chosen([], [], tmp_path)
