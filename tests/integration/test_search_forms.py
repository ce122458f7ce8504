"""Searches of every form through real services: weights, thresholds, filters, nonsense, pages."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests import house
from tests.house import House

ANIMALS = {"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"}
# Enough for an automatic threshold, which takes 32 samples.
EACH = 12
LARGE = 0.1


@pytest.fixture(scope="module")
def photos(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with a large animal and nobody, with a large person and no animal, with neither."""
    labels = json.loads((data / "coco" / "labels.json").read_text())
    chosen: dict[str, list[str]] = {"animal": [], "person": [], "neither": []}
    for name in sorted(labels):
        chosen[_group(labels[name])].append(name)
    folder = tmp_path_factory.mktemp("photos")
    for names in chosen.values():
        for name in names[:EACH]:
            (source,) = (data / "coco").rglob(Path(name).name)
            shutil.copy(source, folder)
    Image.new("RGB", (300, 200), "white").save(folder.parent / "blank.png")
    return folder


def _group(label: dict[str, Any]) -> str:
    area = label["width"] * label["height"]
    large = {
        box["label"] for box in label["boxes"] if box["xywh"][2] * box["xywh"][3] > LARGE * area
    }
    every = {box["label"] for box in label["boxes"]}
    if large & ANIMALS and "person" not in every:
        return "animal"
    return "person" if "person" in large and not every & ANIMALS else "neither"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Iterator[House]:
    """A library of those photos, detected; reading them would take longer than all the rest."""
    folder = tmp_path_factory.mktemp("searched") / "library"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMAPIX_DETECTOR_OCR", "none")
        with house.started(folder, "--no-web") as running:
            assert running.command("import", photos)["pending"] == 0
            yield running


def ids(answer: Any) -> list[str]:
    return [hit["facts"]["photo_id"] for hit in answer["hits"]]


def test_weights_bring_photos_and_regions_of_their_kind_to_the_top(home: House) -> None:
    query = "a person or an animal"
    person = home.command("search", query, "--weights", "person=3", "--top", "3")
    animal = home.command("search", query, "--weights", "animal=3", "--top", "3")
    for answer, kind in ((person, "person"), (animal, "animal")):
        for hit in answer["hits"]:
            assert hit["matches"][0]["sample"]["kind"] == kind
    assert ids(person)[0] != ids(animal)[0]
    assert not set(ids(person)) & set(ids(animal))


@pytest.mark.parametrize("query", ["qwxz", "the of and", "🐶", "!!!", "asdf jkl", "x" * 10_000])
def test_nonsense_brings_few_photos_or_none(home: House, photos: Path, query: str) -> None:
    answer = home.command("search", query, "--threshold", "auto", "--top", "100")
    assert len(answer["hits"]) <= len(list(photos.iterdir())) // 8
    # Where nothing stands out, nothing is shown to whoever sets no threshold.
    assert bool(home.command("search", query)["hits"]) == bool(answer["hits"])
    nearest = home.command("search", query, "--threshold", "0")
    assert nearest["hits"]
    # Whoever asks for the nearest is told nothing with confidence.
    assert nearest["understood"] < 0.5
    assert nearest["hits"][0]["rank_score"] < 0.5


@pytest.mark.parametrize("query", ["a giraffe", "people in the snow", "bus"])
def test_words_are_understood(home: House, query: str) -> None:
    assert home.command("search", query)["understood"] > 0.5


def test_a_blank_picture_brings_few_photos_and_fewer_than_a_fixed_threshold(
    home: House, photos: Path
) -> None:
    search = ("search", "--image", photos.parent / "blank.png", "--top", "100", "--threshold")
    automatic, fixed = home.command(*search, "auto"), home.command(*search, "0.5")
    assert len(automatic["hits"]) <= min(len(fixed["hits"]), len(list(photos.iterdir())) // 3)


@pytest.mark.parametrize("query", ["\u200b", "\u00a0 \t"])
def test_nothing_visible_is_wrong_usage_or_a_clear_refusal(home: House, query: str) -> None:
    home.command("search", query, "--threshold", "auto", ok=(1, 2))


def test_what_is_there_stays_above_the_automatic_threshold(home: House) -> None:
    answer = home.command("search", "a giraffe", "--threshold", "auto", "--top", "100")
    assert answer["hits"]
    assert answer["thresholds"]["photo"]["background"] >= 32
    labels = {m["sample"]["label"] for hit in answer["hits"] for m in hit["matches"]}
    assert labels & ANIMALS or len(answer["hits"]) <= 5


def test_filters_alone_and_with_terms(home: House) -> None:
    everything = home.command("search", "--format", "jpeg", "--top", "100")
    people = home.command("search", "--label", "person", "--top", "100")
    ranked = home.command("search", "an animal", "--label", "person", "--top", "100")
    assert len(everything["hits"]) == home.command("status")["photos"]
    assert 0 < len(people["hits"]) < len(everything["hits"])
    assert set(ids(ranked)) == set(ids(people))
    assert all(m["sample"]["label"] == "person" for h in people["hits"] for m in h["matches"])


def test_signs_push_away_and_pages_hold_together(home: House) -> None:
    near = home.command("search", "an animal - a person", "--top", "100")
    assert ids(near) != ids(home.command("search", "an animal", "--top", "100"))
    pages: list[str] = []
    token = ""
    while token or not pages:
        more = ("--page", token) if token else ()
        answer = home.command("search", "an animal - a person", "--top", "7", *more)
        pages += ids(answer)
        token = answer["next_page_token"]
    assert pages == ids(near)
