"""The committed model card says how its weights were made."""

from dataclasses import replace
from pathlib import Path

from embedder_service import mini
from embedder_service.encoder import About
from embedder_service.training import card
from embedder_service.training.report import Measured
from embedder_service.training.school import Recipe

COMMITTED = Path(mini.WEIGHTS).joinpath("MODEL_CARD.md").read_text(encoding="utf-8")
UNTIL_FIGURES = "## Figures"


def test_card_is_what_the_training_writes() -> None:
    fingerprint = COMMITTED.split("Fingerprint: `")[1][:64]
    about = About("mini", fingerprint, 512, "cpu", "float32", 64, {})
    recipe = replace(Recipe(), towers=replace(Recipe().towers, epochs=0))
    written = card.write(Measured((), (), (), (), {}, ()), recipe, about, threads=2)
    assert written.split(UNTIL_FIGURES)[0] == COMMITTED.split(UNTIL_FIGURES)[0]
