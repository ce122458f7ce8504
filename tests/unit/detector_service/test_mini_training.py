"""The training loop: the schedule, and that an interruption changes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from detector_service import classes, mini
from detector_service.mini_network import SIZE_PX, MiniNetwork
from detector_service.training import batches
from detector_service.training.loop import Plan, Training
from detector_service.training.ranks import Ranks
from detector_service.training.scenes import Scene

SHORT = Plan(steps=3, batch=1, warm_up=1, fall=0.01, sides_px=(64,), save_every=1)


def scenes() -> list[Scene]:
    pixels = np.random.default_rng(3).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    chances = np.zeros((1, 81), np.float32)
    chances[0, 17] = 1
    return [Scene(pixels, np.array([[0.1, 0.1, 0.9, 0.9]], np.float32), chances)] * 4


def training(folder: Path, plan: Plan) -> Training:
    folder.mkdir(exist_ok=True)
    torch.manual_seed(0)
    network = MiniNetwork(mini.kinds_of(classes.COCO_80))
    return Training(network, plan, folder, device="cpu", ranks=Ranks())


def trained(folder: Path, plan: Plan) -> Training:
    made = training(folder, plan)
    made.run(scenes(), batches.frequencies(scenes(), certain=0))
    return made


def test_rate_rises_stays_and_falls_to_nothing():
    plan = Plan(steps=100, rate=1.0, warm_up=10, fall=0.2)
    rates = [plan.rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:80] == pytest.approx([1.0] * 71)
    assert rates[90] == pytest.approx(0.5)
    assert 0 < rates[99] < 0.06


def test_more_steps_leave_the_level_part_as_it_was():
    short, long = Plan(steps=100, fall=0.5), Plan(steps=200, fall=0.5)
    for step in range(50):
        assert short.rate_at(step) == long.rate_at(step)
        assert short.seed_at(step, Ranks()) == long.seed_at(step, Ranks())


def test_squares_have_the_size_of_use_once_the_rate_falls():
    plan = Plan(steps=100, fall=0.2, sides_px=(160, 192))
    sides = [plan.seed_at(step, Ranks()).side_px for step in range(100)]
    assert set(sides[:80]) == {160, 192}
    assert set(sides[81:]) == {SIZE_PX}


def test_ranks_share_a_batch_without_seeing_the_same():
    plan = Plan(batch=16)
    seeds = [plan.seed_at(step, Ranks(number, 2)) for step in range(4) for number in range(2)]
    assert len(set(seeds)) == 8
    assert {seed.size for seed in seeds} == {8}


@pytest.mark.slow
def test_interrupted_training_ends_where_an_uninterrupted_one_does(tmp_path: Path):
    whole = trained(tmp_path / "whole", SHORT)
    trained(tmp_path / "parts", Plan(**{**plain(SHORT), "steps": 2}))
    resumed = training(tmp_path / "parts", SHORT)
    assert resumed.step == 2
    resumed.run(scenes(), batches.frequencies(scenes(), certain=0))
    for key, values in whole.averaged.state_dict().items():
        assert torch.allclose(values, resumed.averaged.state_dict()[key], atol=1e-6), key


def test_training_moves_the_weights_and_their_average(tmp_path: Path):
    fresh = training(tmp_path / "fresh", SHORT).network.state_dict()
    moved = trained(tmp_path / "moved", SHORT)
    name = "regions.box_predictor.scores.weight"
    assert not torch.equal(fresh[name], moved.network.state_dict()[name])
    assert not torch.equal(fresh[name], moved.averaged.module.state_dict()[name])


def plain(plan: Plan) -> dict[str, object]:
    return {name: getattr(plan, name) for name in plan.__slots__}


def test_gradients_are_shared_as_their_mean(tmp_path: Path):
    """Two real processes that start with other gradients end with the same."""
    program = (
        "import torch; from detector_service.training.ranks import joined\n"
        "ranks = joined('cpu'); values = [torch.full((2, 2), float(ranks.number)), torch.ones(3)]\n"
        "ranks.share(values)\n"
        f"open(f'{tmp_path}/{{ranks.number}}', 'w').write(str([v.tolist() for v in values]))\n"
    )
    (tmp_path / "share.py").write_text(program)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    done = subprocess.run(
        [*command, "--nproc-per-node", "2", str(tmp_path / "share.py")],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": ".", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = {(tmp_path / str(number)).read_text() for number in range(2)}
    assert said == {"[[[0.5, 0.5], [0.5, 0.5]], [1.0, 1.0, 1.0]]"}
