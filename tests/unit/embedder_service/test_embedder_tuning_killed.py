"""Kill -9 of a process that tunes the towers: the same training goes on to the same weights."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

# The process kills itself, so that the moment is the same on every machine: in the second of two
# rounds, after a step that no checkpoint knows of.
SCRIPT = """
import os, signal, sys
from pathlib import Path

import torch

tests, out, last = sys.argv[1:]
sys.path.insert(0, tests)
import test_embedder_tuning as small
from embedder_service import mini_tuned
from embedder_service.training import tuning

torch.set_num_threads(1)
steps = 0

class Dying(tuning.Tuning):
    def _step(self, batch):
        global steps
        steps += 1
        if steps == int(last):
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._step(batch)

under_way = small.fresh(Dying)
tuned = under_way.run(Path(out) / "tuning.pt", lambda epoch, mean: None)
mini_tuned.save(tuned, Path(out) / "mini.safetensors")
print(steps)
"""
STEPS = 4


def tuned(out: Path, *, dies_at: int = -1) -> tuple[int, str]:
    """Tune in a process of its own; return how it ended and how many steps it took."""
    out.mkdir(exist_ok=True)
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(out), str(dies_at)]
    ended = subprocess.run(
        command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True, check=False
    )
    return ended.returncode, ended.stdout.strip()


@pytest.mark.slow
def test_a_tuning_killed_in_the_middle_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert tuned(whole) == (0, str(STEPS))
    assert tuned(cut, dies_at=STEPS) == (-signal.SIGKILL, "")
    assert not cut.joinpath("mini.safetensors").exists()
    assert tuned(cut) == (0, str(STEPS // 2))
    once, twice = (safetensors.torch.load_file(each / "mini.safetensors") for each in (whole, cut))
    assert once.keys() == twice.keys()
    assert [name for name in once if not torch.equal(once[name], twice[name])] == []
