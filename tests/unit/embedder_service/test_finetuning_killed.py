"""Kill -9 of a process that trains: the same command goes on and ends as an undisturbed one."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from embedder_service.finetuning import finetuning, loop

NAMES = {"ann": "red", "bob": "green", "eve": "blue"}
# The process kills itself, so that the moment is the same on every machine: in the middle of the
# second round, two steps after a checkpoint.
SCRIPT = """
import os, pathlib, signal, sys
from common.finetunings import Mode, Plan, Request, Selection
from embedder_service.finetuning import finetuning

model, photos, out, last = sys.argv[1:]
plan = Plan(mode=Mode.FULL, epochs=4, batch=2, rate=2e-3, background=0.0, save_every=5)

def watch(done, total, point):
    if done == int(last):
        os.kill(os.getpid(), signal.SIGKILL)

finetuning.finetune(
    Request(
        pathlib.Path(photos), pathlib.Path(out), model=model, device="cpu", precision="float32",
        selection=Selection(least=3), plan=plan,
    ),
    watch,
)
"""


def people(folder: Path) -> Path:
    noise = np.random.default_rng(0)
    for name, colour in NAMES.items():
        (folder / name).mkdir(parents=True)
        for number in range(5):
            image = np.asarray(Image.new("RGB", (48, 48), colour)) // 2
            image = image + noise.integers(0, 90, image.shape, dtype=np.uint8)
            Image.fromarray(image).save(folder / name / f"{number}.png")
    return folder


def trained(model: Path, photos: Path, out: Path, *, dies_at: int = -1) -> int:
    """Train in a process of its own; return how it ended."""
    command = [sys.executable, "-c", SCRIPT, str(model), str(photos), str(out), str(dies_at)]
    return subprocess.run(command, cwd=Path(__file__).parents[3], check=False).returncode


@pytest.mark.slow
def test_a_training_killed_in_the_middle_goes_on_and_ends_with_the_same_weights(
    small_clip: Path, tmp_path: Path
) -> None:
    photos = people(tmp_path / "people")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert trained(small_clip, photos, whole) == 0
    assert trained(small_clip, photos, cut, dies_at=7) == -signal.SIGKILL
    kept = torch.load(cut / finetuning.WORK / loop.CHECKPOINT, weights_only=True)
    assert kept["step"] == 5
    assert not (cut / "model.safetensors").exists()
    assert trained(small_clip, photos, cut) == 0
    once, twice = (safetensors.torch.load_file(each / "model.safetensors") for each in (whole, cut))
    assert any(not torch.equal(once[name], kept["weights"].get(name, once[name])) for name in once)
    for name, values in once.items():
        torch.testing.assert_close(twice[name], values, atol=1e-6, rtol=1e-5)
    assert not (cut / finetuning.WORK).exists()
