"""The embedded model can be taught names, in every mode, and its folder can be served."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from common.finetunings import Mode, Plan, Request, Selection
from embedder_service import catalogue, encoder, hardware, mini
from embedder_service.finetuning import finetuning, learners

pytestmark = pytest.mark.weights
WHERE = hardware.Hardware(torch.device("cpu"), torch.float32)
PATTERNS = {"otto": (1, 24), "ida": (24, 1)}


def photo(tiles: tuple[int, int], seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (*tiles, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((64, 64), Image.Resampling.NEAREST)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("family")
    for name, tiles in PATTERNS.items():
        (folder / name).mkdir()
        for number in range(4):
            photo(tiles, number).save(folder / name / f"{number}.png")
    return folder


@pytest.mark.parametrize("mode", list(Mode))
def test_what_learns_starts_as_the_embedded_model_and_gets_gradients(mode: Mode) -> None:
    learner = learners.opened("mini", Plan(mode=mode), WHERE)
    learner.module.eval()
    base = catalogue.load("mini", WHERE)
    image = photo((8, 8), 0)
    seen = learner.pictures([learner.prepare(image)])
    read = learner.texts(["a dog"])
    expected = encoder.encode_pictures(base, [image])
    np.testing.assert_allclose(seen.detach().numpy(), expected, atol=1e-4)
    np.testing.assert_allclose(
        read.detach().numpy(), base.encode_texts(["a dog"]).vectors, atol=1e-4
    )
    (1 - (seen * read).sum()).backward()  # type: ignore[no-untyped-call]
    moved = [each.values.grad is not None for each in learner.learning()]
    assert moved
    assert any(moved)


def test_a_taught_mini_is_served_from_its_folder(photos: Path, tmp_path: Path) -> None:
    plan = Plan(mode=Mode.FROZEN, epochs=6, batch=4, rate=1e-3, background=0.0)
    out = tmp_path / "model"
    request = Request(photos, out, model="mini", selection=Selection(least=2), plan=plan)
    outcome = finetuning.finetune(request, lambda _done, _total, _point: None)
    served = catalogue.load(str(out), WHERE)
    assert served.about.fingerprint == outcome.after.fingerprint != outcome.before.fingerprint
    assert served.about.model == str(out)
    assert outcome.after.target_similarity > outcome.before.target_similarity
    assert (out / mini.HEADS_FILE).stat().st_size < 30_000_000
