"""The committed model card says how its weights were made."""

from pathlib import Path

from embedder_service import mini
from embedder_service.encoder import About
from embedder_service.training import card
from embedder_service.training.learning import Recipe
from embedder_service.training.report import Measured

COMMITTED = Path(mini.WEIGHTS).joinpath("MODEL_CARD.md").read_text(encoding="utf-8")
UNTIL_FIGURES = "## Figures"


def test_card_is_what_the_training_writes() -> None:
    fingerprint = COMMITTED.split("Fingerprint: `")[1][:64]
    about = About("mini", fingerprint, 512, "cpu", "float32", 64, {})
    written = card.write(Measured((), (), {}, ()), Recipe(seed=0), about, threads=1)
    assert written.split(UNTIL_FIGURES)[0] == COMMITTED.split(UNTIL_FIGURES)[0]
