"""What a fine-tuning learns from: names read, chosen, shuffled, divided, and drawn by the seed."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from common import errors
from common.finetunings import Plan, Selection
from embedder_service.finetuning import background, batches, names
from embedder_service.finetuning.batches import Lessons
from embedder_service.finetuning.names import Divided, Named

PEOPLE = {"Ann_Lee": 8, "bob": 6, "Chloé": 5, "dan": 2}
Photos = Callable[[Path, str], Path]


def photo(path: Path, colour: str = "navy") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), colour).save(path)
    return path


@pytest.fixture
def people(tmp_path: Path) -> Path:
    for name, count in PEOPLE.items():
        for number in range(count):
            photo(tmp_path / "people" / name / f"{number}.png")
    return tmp_path / "people"


@pytest.fixture
def captioned(tmp_path: Path) -> Path:
    folder = tmp_path / "background"
    table = {f"{number}.png": [f"photo {number}", "anything"] for number in range(10)}
    for name in table:
        photo(folder / "images" / name)
    folder.joinpath("captions.json").write_text(json.dumps(table))
    return folder


def test_names_are_said_as_people_say_them_and_rare_ones_left_out(people: Path) -> None:
    found = names.read(people, Selection(least=5))
    assert {name: len(paths) for name, paths in found.items()} == {
        "ann lee": 8,
        "bob": 6,
        "chloé": 5,
    }


def test_names_and_numbers_of_photos_can_be_chosen(people: Path) -> None:
    found = names.read(people, Selection(least=2, most=4, only=("Ann Lee", "dan")))
    assert {name: len(paths) for name, paths in found.items()} == {"ann lee": 4, "dan": 2}


def test_a_name_that_is_not_there_is_named(people: Path) -> None:
    with pytest.raises(errors.InvalidInput, match="'eve'"):
        names.read(people, Selection(only=("bob", "Eve")))


def test_one_name_is_not_enough(people: Path) -> None:
    with pytest.raises(errors.NotFound, match="two are needed"):
        names.read(people, Selection(least=7))


def test_labels_in_a_file_are_read_as_well(tmp_path: Path) -> None:
    table = {name: [f"{name}{number}.png" for number in range(5)] for name in ("a", "b")}
    (tmp_path / "labels.json").write_text(json.dumps(table))
    assert names.read(tmp_path)["b"][0] == tmp_path / "images" / "b0.png"
    (tmp_path / "labels.json").write_text("[1]")
    with pytest.raises(errors.InvalidInput, match="name"):
        names.read(tmp_path)


def test_shuffled_nobody_keeps_the_own_name_and_the_seed_decides(people: Path) -> None:
    plain = names.read(people)
    shuffled = names.read(people, Selection(shuffled=True, seed=3))
    assert set(shuffled) == set(plain)
    assert all(shuffled[name] != plain[name] for name in plain)
    assert sorted(map(tuple, shuffled.values())) == sorted(map(tuple, plain.values()))
    assert shuffled == names.read(people, Selection(shuffled=True, seed=3))


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5])
def test_every_name_is_learnt_and_held_out_and_no_photo_is_in_two_parts(
    people: Path, share: float
) -> None:
    photos = names.read(people, Selection(least=2))
    divided = names.divided(photos, share=share, seed=0)
    parts = [{each.path for each in part} for part in _parts(divided)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == sum(PEOPLE.values())
    for part in (divided.learnt, divided.held_out):
        assert {each.name for each in part} == set(photos)


def test_what_is_watched_is_what_is_learnt_where_nothing_else_is_left(people: Path) -> None:
    photos = names.read(people, Selection(least=2, most=2))
    divided = names.divided(photos, share=0.2, seed=0)
    assert divided.watched == divided.learnt
    assert len(divided.learnt) == len(divided.held_out) == len(photos)


def _parts(divided: Divided) -> tuple[tuple[Named, ...], ...]:
    return divided.learnt, divided.watched, divided.held_out


def test_the_background_follows_its_splits_or_the_seed(captioned: Path) -> None:
    drawn = background.read(captioned, held_out=3, seed=1)
    assert [len(part) for part in (drawn.learnt, drawn.watched, drawn.held_out)] == [4, 3, 3]
    splits = {"train": ["1.png", "2.png"], "val": ["3.png"], "test": ["4.png"]}
    captioned.joinpath("splits.json").write_text(json.dumps(splits))
    told = background.read(captioned, held_out=3, seed=1)
    assert [each.name for each in told.learnt] == ["1.png", "2.png"]
    assert [each.name for each in told.watched] == ["3.png"]
    assert [each.name for each in told.held_out] == ["4.png"]


def test_background_photos_may_lie_in_an_archive(captioned: Path) -> None:
    with tarfile.open(captioned / "images.tar", "w") as archive:
        for path in sorted((captioned / "images").iterdir()):
            archive.add(path, path.name)
            path.unlink()
    drawn = background.read(captioned, held_out=2, seed=0)
    assert {batches.opened(each).size for each in (*drawn.learnt, *drawn.held_out)} == {(40, 30)}


def test_a_background_without_captions_or_photos_is_refused(captioned: Path) -> None:
    (captioned / "images" / "7.png").unlink()
    with pytest.raises(errors.NotFound, match=r"7\.png"):
        background.read(captioned, held_out=2, seed=0)
    (captioned / "captions.json").unlink()
    with pytest.raises(errors.NotFound, match=r"captions\.json is missing"):
        background.read(captioned, held_out=2, seed=0)


def test_a_batch_is_decided_by_seed_and_step_alone(people: Path, captioned: Path) -> None:
    divided = names.divided(names.read(people), share=0.2, seed=0)
    lessons = Lessons(divided, background.read(captioned, held_out=2, seed=0))
    plan = Plan(batch=8, background=1.0)
    first = [lessons.batch(step, plan) for step in range(2 * lessons.steps(plan))]
    again = [lessons.batch(step, plan) for step in reversed(range(2 * lessons.steps(plan)))][::-1]
    assert [[each.text for each in batch] for batch in first] == [
        [each.text for each in batch] for batch in again
    ]
    assert [batch[0].image.tobytes() for batch in first] == [
        batch[0].image.tobytes() for batch in again
    ]


def test_each_epoch_shows_every_target_once_and_mixes_as_asked(
    people: Path, captioned: Path
) -> None:
    divided = names.divided(names.read(people), share=0.2, seed=0)
    lessons = Lessons(divided, background.read(captioned, held_out=2, seed=0))
    plan = Plan(batch=8, background=1.0)
    shown = [each for step in range(lessons.steps(plan)) for each in lessons.batch(step, plan)]
    targets = [each for each in shown if each.name]
    assert len(targets) == len(divided.learnt)
    assert len(shown) - len(targets) == 4 * lessons.steps(plan)
    assert all(each.name in each.text for each in targets)


def test_photos_that_cannot_be_read_are_left_out_with_a_sentence(people: Path) -> None:
    broken = people / "bob" / "broken.png"
    broken.write_bytes(b"no picture")
    good, troubles = batches.readable(sorted((people / "bob").iterdir()))
    assert len(good) == PEOPLE["bob"]
    assert len(troubles) == 1
    assert "broken.png is left out" in troubles[0]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Plan(epochs=0), "epochs"),
        (Plan(rate=0.0), "rate"),
        (Plan(background=-1.0), "background"),
        (Plan(batch=10, accumulate=3), "accumulate"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_its_field(wrong: Plan, field: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        wrong.checked()
    assert refused.value.field == field
