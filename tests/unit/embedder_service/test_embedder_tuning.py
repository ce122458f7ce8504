"""Tuning of the towers: gradients are right, and a training that dies goes on as if it had not."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from common.samples import Box
from embedder_service import hardware, lite, mini_tuned
from embedder_service.training import depthwise, lessons, looks, maps, reading, tuning
from embedder_service.training.photos import Example

EXACT = hardware.Hardware(torch.device("cpu"), torch.float32)
NAMES = ("dog", "car", "cat", "bus")
RECIPE = tuning.Recipe(epochs=2, batch=4, piece=2)


class Died(Exception):
    """Stands for kill -9: nothing of the object is used afterwards."""


def pictures() -> maps.Maps:
    random = np.random.default_rng(0)
    examples = tuple(Example(f"{n}", Box(0, 0, 1, 1), (n,), "train") for n in NAMES)
    return maps.Maps(
        examples,
        random.normal(size=(4, 2, 17, 17, 120)).astype(np.float16),
        random.normal(size=(4, 2, lite.WIDTH)).astype(np.float16),
        np.full((4, 2, lite.CLASSES), 1e-3, dtype=np.float16),
    )


def texts() -> reading.Texts:
    every = lessons.phrased(NAMES)
    halves = np.random.default_rng(1).normal(size=(2 * len(every), 384)).astype(np.float16)
    return reading.Texts(tuple(every), halves, np.arange(0, 2 * len(every) + 1, 2), halves[::2])


def fresh(
    kind: type[tuning.Tuning] = tuning.Tuning, recipe: tuning.Recipe = RECIPE
) -> tuning.Tuning:
    torch.manual_seed(0)
    taught = (*lessons.of_names(NAMES), *lessons.of_names(NAMES))
    stand_ins = torch.randn(4, 1664)
    course = lessons.Course(taught, (pictures(),), stand_ins)
    classifier = torch.nn.Linear(lite.WIDTH, lite.CLASSES).requires_grad_(False)
    return kind(mini_tuned.Tuned(), classifier, course, texts(), recipe, EXACT)


def die(epoch: int, mean: mini_tuned.Tuned) -> None:
    raise Died


def test_training_that_dies_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    seen: list[int] = []
    whole = fresh().run(tmp_path / "whole.pt", lambda epoch, _: seen.append(epoch))
    with pytest.raises(Died):
        fresh().run(tmp_path / "broken.pt", die)
    resumed = fresh().run(tmp_path / "broken.pt", lambda epoch, _: seen.append(epoch))
    assert seen == [1, 2, 2]
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, msg=name)


def test_training_changes_all_but_kernels_in_depth(tmp_path: Path) -> None:
    before = copy.deepcopy(fresh().tuned.state_dict())
    after = fresh().run(tmp_path / "state.pt", lambda *_: None).state_dict()
    same = {name for name in before if torch.equal(before[name], after[name])}
    names = ("mean", "spread", "class_names", "projection", "breadth_weight")
    assert same == {f"heads.{name}" for name in names} | set(depthwise.KERNELS)


def test_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    fresh().run(tmp_path / "state.pt", lambda *_: None)
    other = fresh()
    other.recipe = tuning.Recipe(epochs=3)
    with pytest.raises(ValueError, match="delete it"):
        other.run(tmp_path / "state.pt", lambda *_: None)


def test_kernels_left_alone_pass_the_same_gradients() -> None:
    torch.manual_seed(0)
    plain = lite.Upper()
    frozen = copy.deepcopy(plain)
    depthwise.freeze(frozen)
    looked = torch.randn(2, 120, 17, 17)
    ours, theirs = (looked.clone().requires_grad_() for _ in range(2))
    weight = torch.randn(2, lite.WIDTH)
    for upper, inputs in ((frozen, ours), (plain, theirs)):
        (upper(inputs) * weight).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)
    torch.testing.assert_close(frozen.head.weight.grad, plain.head.weight.grad)
    mixed = [upper.blocks[2].depthwise.bias.grad for upper in (frozen, plain)]
    torch.testing.assert_close(*mixed)


def test_pictures_that_pass_in_pieces_bring_the_same_gradients() -> None:
    torch.manual_seed(0)
    whole = lite.Upper()
    apart, weight = copy.deepcopy(whole), torch.randn(5, lite.WIDTH)
    looked = torch.randn(5, 120, 17, 17)
    for upper, piece in ((whole, 5), (apart, 2)):
        seen = looks.Looks(upper, looked.split(piece), EXACT)
        (seen.pooled * weight).sum().backward()
        seen.back()
    for ours, theirs in zip(apart.parameters(), whole.parameters(), strict=True):
        assert theirs.grad is not None
        most = float(theirs.grad.abs().max())
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-3 * most)


def test_fewer_lessons_than_a_batch_are_refused(tmp_path: Path) -> None:
    few = fresh(recipe=tuning.Recipe(batch=9))
    with pytest.raises(ValueError, match="8 lessons fill no batch"):
        few.run(tmp_path / "state.pt", lambda *_: None)


def test_the_picture_tower_waits_for_the_heads(tmp_path: Path) -> None:
    waiting = fresh(recipe=tuning.Recipe(epochs=2, batch=4, upper_waits=1.0))
    before = waiting.tuned.upper.head.weight.clone()
    after = waiting.run(tmp_path / "state.pt", lambda *_: None)
    assert torch.equal(after.upper.head.weight, before)
    assert not torch.equal(after.layers[0].ask.weight, fresh().tuned.layers[0].ask.weight)


def test_maps_are_those_of_the_asked_examples_and_views() -> None:
    those = pictures()
    looked, shares = maps.some([those, those], np.array([1, 6]), np.array([3, 0]))
    np.testing.assert_array_equal(looked[0].permute(1, 2, 0), those.maps[1, 1].astype(np.float32))
    np.testing.assert_array_equal(looked[1].permute(1, 2, 0), those.maps[2, 0].astype(np.float32))
    assert shares.shape == (2, lite.CLASSES)


def test_file_without_towers_leaves_towers_as_they_are(tmp_path: Path) -> None:
    torch.manual_seed(0)
    written, towers = mini_tuned.Tuned(), mini_tuned.Tuned()
    before = towers.upper.head.weight.clone()
    mini_tuned.save(written, tmp_path / "mini.safetensors", left_out=mini_tuned.TOWERS)
    loaded = mini_tuned.load(tmp_path / "mini.safetensors", towers)
    assert torch.equal(loaded.upper.head.weight, before)
    ours, theirs = (one.heads.text_head.members[1].line.weight for one in (loaded, written))
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)


def test_file_without_heads_is_refused_by_name(tmp_path: Path) -> None:
    mini_tuned.save(mini_tuned.Tuned(), tmp_path / "mini.safetensors", left_out=("heads.",))
    with pytest.raises(ValueError, match="heads"):
        mini_tuned.load(tmp_path / "mini.safetensors", mini_tuned.Tuned())
