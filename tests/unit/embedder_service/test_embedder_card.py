"""The committed model card is that of the committed weights, and the training writes such cards."""

from pathlib import Path

import pytest
import torch

from embedder_service import hardware, mini
from embedder_service.encoder import About
from embedder_service.training import card
from embedder_service.training.report import Measured
from embedder_service.training.school import Recipe

COMMITTED = Path(mini.WEIGHTS).joinpath("MODEL_CARD.md").read_text(encoding="utf-8")
WHERE = hardware.Hardware(torch.device("cpu"), torch.float32)


@pytest.mark.weights
def test_card_names_the_fingerprint_of_the_weights() -> None:
    assert f"Fingerprint: `{mini.MiniEncoder(WHERE).about.fingerprint}`" in COMMITTED


def test_training_writes_a_card_with_the_same_sections() -> None:
    about = About("mini", "0" * 64, 512, "cpu", "float32", 64, {})
    written = card.write(Measured((), (), (), (), {}, ()), Recipe(), about, threads=2)
    sections = [line for line in written.splitlines() if line.startswith("#")]
    assert sections == [line for line in COMMITTED.splitlines() if line.startswith("#")]
    assert "0" * 64 in written
