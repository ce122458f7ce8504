"""What is listed of the encoders, and what `auto` makes of it."""

import shutil
from pathlib import Path

import pytest

from common.model_catalogue import State
from embedder_service import checkpoints
from embedder_service.shelf import Encoders


def put(checkpoint: Path, name: str, cache: Path) -> Path:
    """Copy a checkpoint into a cache of the hub, as the hub's client lays it out."""
    repository = cache / f"models--{name.replace('/', '--')}"
    snapshot = repository / "snapshots" / "abc"
    shutil.copytree(checkpoint, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    return snapshot


def test_with_an_empty_cache_auto_takes_the_embedded_one_and_says_how_to_change_it(
    tmp_path: Path,
) -> None:
    listing = Encoders(tmp_path).listing()
    states = {model.name: model.state for model in listing.models}
    assert states["mini"] is State.EMBEDDED
    assert states[checkpoints.STANDARD] is State.DOWNLOADABLE
    (choice,) = listing.choices
    assert choice.name == "mini"
    assert f"semapix models fetch {checkpoints.STANDARD}" in choice.reason


def test_with_the_standard_model_cached_auto_takes_it(small_clip: Path, tmp_path: Path) -> None:
    put(small_clip, checkpoints.STANDARD, tmp_path)
    listing = Encoders(tmp_path).listing()
    assert listing.models[0].state is State.CACHED
    assert [choice.name for choice in listing.choices] == [checkpoints.STANDARD]


def test_embedded_model_has_the_figures_of_its_card(tmp_path: Path) -> None:
    (mini,) = (model for model in Encoders(tmp_path).listing().models if model.name == "mini")
    assert {"Flickr8k test R@10", "COCO val2017 R@10"} <= set(mini.figures)
    assert all(0.5 < value <= 1 for value in mini.figures.values())
    assert mini.dimension == 512
    assert mini.size_bytes > 90e6


def test_divided_weights_are_here_only_with_every_part(small_clip: Path, tmp_path: Path) -> None:
    snapshot = put(small_clip, "some/large", tmp_path)
    (snapshot / "model.safetensors").rename(snapshot / "model-00001-of-00002.safetensors")
    index = '{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-2.safetensors"}}'
    (snapshot / "model.safetensors.index.json").write_text(index)
    assert checkpoints.missing(snapshot) == ["model-2.safetensors"]
    assert checkpoints.cached("some/large", tmp_path) is None


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("openai/clip-vit-base-patch16", True),
        ("fasterrcnn", False),
        ("a/b/c", False),
        ("/b", False),
    ],
)
def test_ids_of_the_hub_are_offered(name: str, offered: bool) -> None:
    assert Encoders().offers(name) is offered
