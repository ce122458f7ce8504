"""Held-out scenes: nothing of them is learnt from, and their figures are theirs alone."""

from typing import cast

import numpy as np
import pytest

from common.samples import Box
from common.vectors import Floats
from embedder_service.training import evaluate, maps
from embedder_service.training.holding_out import HeldOut
from embedder_service.training.material import Material
from embedder_service.training.photos import Example

SCENES = HeldOut(("snow*", "ski", "skis"))
WHOLE = Box(0, 0, 1, 1)


def of(*captions: str, split: str = "train") -> maps.Maps:
    """Maps of a photo per caption, each full of its number."""
    examples = tuple(
        Example(f"{n}.jpg", WHOLE, (text,) * 5, split) for n, text in enumerate(captions)
    )
    numbers = np.arange(len(captions), dtype=np.float16)[:, None, None]
    return maps.Maps(examples, maps=numbers, pooled=numbers, shares=numbers)


def test_no_photo_of_a_held_out_scene_is_left_to_learn_from() -> None:
    nothing = of()
    seen = Material(
        flickr8k_train=of("a dog on grass", "a Snowboarder jumps", "a red skirt", "a man skis"),
        flickr8k_val=of("snow in val", split="val"),
        flickr8k_test=nothing,
        coco_train=of("snow", "a husky", "a cat"),
        coco_val=nothing,
        things_train=of("skis", "dog"),
        things_val=nothing,
    )
    left = SCENES.left(seen)
    kept = [[example.texts[0] for example in those.examples] for those in left.taught]
    assert kept == [["a dog on grass", "a red skirt"], ["a husky", "a cat"], ["dog"]]
    assert left.flickr8k_train.maps.ravel().tolist() == [0, 2]
    assert left.flickr8k_val is seen.flickr8k_val


class Sure:
    """Sees and reads as the given tables say."""

    def __init__(self, pictures: Floats, captions: Floats, words: dict[str, Floats]) -> None:
        self._pictures, self._captions, self._words = pictures, captions, words

    def embedded(self, seen: maps.Maps) -> evaluate.Embedded:
        owners = np.repeat(np.arange(len(seen.examples)), 5)
        return evaluate.Embedded(seen.examples, self._pictures, self._captions[owners], owners)

    def of_texts(self, wanted: list[str]) -> Floats:
        return np.array([self._words[text] for text in wanted])


def test_figures_tell_held_out_photos_and_words_from_the_others() -> None:
    """Twelve of snow are all found, twelve of dogs never; the word finds six of each first."""
    those = of(*["snow"] * 12, *["dog"] * 12, split="val")
    pictures = np.eye(24, 25, dtype=np.float32)
    captions = pictures.copy()
    captions[12:] = pictures[:12].sum(0)
    snow = pictures[[*range(6), *range(12, 18)]].sum(0)
    judge = cast("evaluate.Judge", Sure(pictures, captions, {"snow": snow}))
    theirs, others, precision = SCENES.figures(judge, those)
    assert (theirs, others) == (1.0, 0.0)
    late = sum(right / (right + 6) for right in range(7, 13))
    assert precision == pytest.approx((6 + late) / 12)
