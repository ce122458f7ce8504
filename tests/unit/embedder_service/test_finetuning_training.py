"""Fine-tuning a small CLIP with random weights: it learns, stops, resumes, and can be loaded."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from common import errors
from common.finetunings import Mode, Outcome, Plan, Point, Request, Selection
from embedder_service import catalogue, hardware
from embedder_service.finetuning import curve, finetuning, learners, loop, mixing

WHERE = hardware.Hardware(torch.device("cpu"), torch.float32)
COLOURS = {"ann": "red", "bob": "green", "eve": "blue"}
PLAN = Plan(mode=Mode.FULL, epochs=6, batch=8, rate=2e-3, decay=0.0, tolerance=10.0, save_every=2)


def picture(colour: str, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 60, (12, 12, 3), dtype=np.uint8)
    plain = np.asarray(Image.new("RGB", (12, 12), colour)) // 2
    return Image.fromarray((plain + noise).astype(np.uint8)).resize((48, 48))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for number in range(6):
            picture(colour, number).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("background")
    (folder / "images").mkdir()
    colours = ("yellow", "cyan", "magenta", "white", "grey", "orange", "brown", "pink")
    for colour in colours:
        picture(colour, 1).save(folder / "images" / f"{colour}.png")
    table = {f"{colour}.png": [f"a wall painted {colour}"] for colour in colours}
    folder.joinpath("captions.json").write_text(json.dumps(table))
    return folder


def taught(small_clip: Path, photos: Path, out: Path, **changes: object) -> Outcome:
    plan = changes.pop("plan", PLAN)
    assert isinstance(plan, Plan)
    selection = Selection(least=3)
    request = Request(photos, out, model=str(small_clip), device="cpu", precision="float32")
    whole = Request(
        request.photos,
        request.out,
        model=request.model,
        device="cpu",
        precision="float32",
        selection=selection,
        plan=plan,
        **changes,  # type: ignore[arg-type]
    )
    return finetuning.finetune(whole, lambda _done, _total, _point: None)


@pytest.mark.parametrize("mode", list(Mode))
def test_in_every_mode_the_loss_on_held_out_photos_falls_and_the_folder_can_be_served(
    small_clip: Path, photos: Path, captioned: Path, tmp_path: Path, mode: Mode
) -> None:
    rate = 5e-3 if mode in (Mode.FROZEN, Mode.LORA) else PLAN.rate
    plan = Plan(mode=mode, epochs=10, batch=8, rate=rate, decay=0.0, tolerance=10.0)
    outcome = taught(small_clip, photos, tmp_path / "out", plan=plan, background=captioned)
    points = [Point(**each) for each in json.loads((tmp_path / "out/curve.json").read_text())]
    assert min(each.target_loss for each in points) < 0.9 * points[0].target_loss
    assert outcome.after.fingerprint != outcome.before.fingerprint
    served = catalogue.load(str(tmp_path / "out"), WHERE)
    assert served.about.fingerprint == outcome.after.fingerprint
    card = (tmp_path / "out/MODEL_CARD.md").read_text()
    assert outcome.after.fingerprint in card
    assert {f"mode={mode}", "least=3"} <= set(card.split("`")[5].split(", "))


def test_frozen_towers_stay_as_they_were(small_clip: Path, photos: Path, tmp_path: Path) -> None:
    plan = Plan(mode=Mode.FROZEN, epochs=2, batch=8, rate=1e-2, background=0.0)
    taught(small_clip, photos, tmp_path / "out", plan=plan)
    before = safetensors.torch.load_file(small_clip / "model.safetensors")
    after = safetensors.torch.load_file(tmp_path / "out" / "model.safetensors")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"visual_projection.weight", "text_projection.weight"}


class Killed(BaseException):
    """Ends a training as kill -9 does: nothing runs after it."""


@pytest.mark.parametrize("at", [1, 4, 9])
def test_a_training_cut_off_at_any_step_ends_as_an_undisturbed_one(
    small_clip: Path, photos: Path, captioned: Path, tmp_path: Path, at: int
) -> None:
    def kill(done: int, _total: int, point: Point | None) -> None:
        if done == at and point is None:
            raise Killed

    taught(small_clip, photos, tmp_path / "whole", background=captioned)
    cut = Request(
        photos,
        tmp_path / "cut",
        background=captioned,
        model=str(small_clip),
        device="cpu",
        precision="float32",
        selection=Selection(least=3),
        plan=PLAN,
    )
    with pytest.raises(Killed):
        finetuning.finetune(cut, kill)
    finetuning.finetune(cut, lambda _done, _total, _point: None)
    whole, resumed = (
        safetensors.torch.load_file(tmp_path / name / "model.safetensors")
        for name in ("whole", "cut")
    )
    for name, values in whole.items():
        torch.testing.assert_close(resumed[name], values, atol=1e-6, rtol=1e-5)
    assert not (tmp_path / "cut" / finetuning.WORK).exists()


def test_a_checkpoint_of_another_plan_is_not_gone_on_with(
    small_clip: Path, photos: Path, tmp_path: Path
) -> None:
    def kill(done: int, _total: int, _point: Point | None) -> None:
        if done == 3:
            raise Killed

    selection = Selection(least=3)
    first = Request(photos, tmp_path, model=str(small_clip), selection=selection, plan=PLAN)
    with pytest.raises(Killed):
        finetuning.finetune(first, kill)
    assert (tmp_path / finetuning.WORK / loop.CHECKPOINT).is_file()
    other = Request(
        photos, tmp_path, model=str(small_clip), selection=selection, plan=Plan(epochs=7)
    )
    with pytest.raises(errors.InvalidInput, match="another training"):
        finetuning.finetune(other, kill)


@pytest.mark.parametrize("precision", [p for p, able in hardware.CONVOLVES.items() if able()])
def test_it_learns_in_every_format_that_the_processor_has(
    small_clip: Path, photos: Path, tmp_path: Path, precision: str
) -> None:
    plan = Plan(mode=Mode.FROZEN, epochs=10, batch=8, rate=5e-3, decay=0.0, background=0.0)
    out, selection = tmp_path / "out", Selection(least=3)
    request = Request(
        photos,
        out,
        model=str(small_clip),
        device="cpu",
        precision=precision,
        selection=selection,
        plan=plan,
    )
    finetuning.finetune(request, lambda _done, _total, _point: None)
    points = [Point(**each) for each in json.loads((out / "curve.json").read_text())]
    assert min(each.target_loss for each in points) < 0.9 * points[0].target_loss


def test_steps_in_pieces_come_to_the_same_weights(
    small_clip: Path, photos: Path, captioned: Path, tmp_path: Path
) -> None:
    weights = []
    for pieces in (1, 4):
        plan = dataclasses.replace(PLAN, epochs=2, accumulate=pieces, cost=1000.0)
        out = tmp_path / str(pieces)
        taught(small_clip, photos, out, plan=plan, background=captioned)
        weights.append(safetensors.torch.load_file(out / "model.safetensors"))
    first = safetensors.torch.load_file(small_clip / "model.safetensors")
    moved = max(float((weights[0][name] - first[name]).abs().max()) for name in first)
    apart = max(float((weights[0][name] - weights[1][name]).abs().max()) for name in first)
    assert apart < 0.05 * moved


def test_it_ends_early_and_says_so_when_the_background_is_forgotten(
    small_clip: Path, photos: Path, captioned: Path, tmp_path: Path
) -> None:
    plan = dataclasses.replace(PLAN, epochs=20, rate=0.5, tolerance=0.0, patience=2)
    outcome = taught(small_clip, photos, tmp_path / "out", plan=plan, background=captioned)
    assert outcome.steps < 20 * 3
    assert outcome.warnings == (finetuning.FORGOTTEN,)
    assert outcome.after.fingerprint == outcome.before.fingerprint


def test_a_model_that_is_none_is_named(photos: Path, tmp_path: Path) -> None:
    request = Request(photos, tmp_path, model="no/such", selection=Selection(least=3))
    with pytest.raises(errors.InvalidInput, match="no/such"):
        finetuning.finetune(request, lambda _done, _total, _point: None)


def point(step: int, target: float, background: float) -> Point:
    return Point(step, target, 0.0, 0.0, background, 0.0, 0.0)


def test_the_best_weights_within_the_tolerance_are_kept() -> None:
    plan = Plan(tolerance=0.1, patience=2)
    points = [point(0, 3.0, 1.0), point(1, 2.0, 1.05)]
    assert curve.is_kept(points, plan)
    assert not curve.is_kept([*points, point(2, 1.0, 1.2)], plan)
    assert not curve.is_kept([*points, point(2, 2.5, 1.0)], plan)


def test_training_ends_when_the_background_is_forgotten_for_good() -> None:
    plan = Plan(tolerance=0.1, patience=2)
    points = [point(0, 3.0, 1.0), point(1, 2.0, 1.2)]
    assert not curve.is_over(points, plan)
    assert curve.is_over([*points, point(2, 1.0, 1.3)], plan)
    assert not curve.is_over([*points, point(2, 1.0, 1.05)], plan)


def test_a_small_clip_is_opened_as_a_learner(small_clip: Path) -> None:
    learner = learners.opened(str(small_clip), PLAN, WHERE)
    rows = learner.texts(["a dog", "a cat"])
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(2))
    assert learner.scale > 1


def test_of_what_was_learnt_as_much_is_kept_as_the_background_bears() -> None:
    first, last = {"w": torch.zeros(2)}, {"w": torch.ones(2)}
    assert mixing.between(first, last, 0.25)["w"].tolist() == [0.25, 0.25]
    assert mixing.kept(lambda share: share, 0.6) == 0.55
    assert mixing.kept(lambda share: share, 2.0) == 1.0
    assert mixing.kept(lambda share: share, 0.0) == mixing.SHARES[-1]


def test_weights_that_cost_too_much_are_mixed_with_those_of_before(
    small_clip: Path, photos: Path, captioned: Path, tmp_path: Path
) -> None:
    shares = []
    for cost in (1000.0, 0.0):
        plan = dataclasses.replace(PLAN, epochs=2, rate=1e-2, tolerance=1000.0, cost=cost)
        out = tmp_path / str(cost)
        shares.append(taught(small_clip, photos, out, plan=plan, background=captioned).share)
    assert shares[0] == 1.0 > shares[1]
    first, whole, mixed = (
        safetensors.torch.load_file(folder / "model.safetensors")
        for folder in (small_clip, tmp_path / "1000.0", tmp_path / "0.0")
    )
    for name, values in first.items():
        expected = values.lerp(whole[name], shares[1])
        torch.testing.assert_close(mixed[name], expected, atol=1e-5, rtol=1e-4)
