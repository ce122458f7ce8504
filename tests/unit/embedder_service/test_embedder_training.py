"""Training: lessons never count a fitting pair as a counter-example, and heads learn from them."""

import numpy as np
import pytest
import torch

from common.samples import Box
from embedder_service import lite, mini_heads, mini_towers
from embedder_service.training import (
    alike,
    constants,
    evaluate,
    kinship,
    learning,
    lessons,
    maps,
    reading,
)
from embedder_service.training.photos import Example

WHOLE = Box(0, 0, 1, 1)
DOG = ("A dog runs .", "a brown dog", "The dog", "an animal", "dog on grass")
CAT = ("A cat sleeps .", "a cat on a bed", "The cat", "a cat", "an animal")


def example(texts: tuple[str, ...], name: str = "x") -> Example:
    return Example(name, WHOLE, texts, "train")


def known(texts: list[str], seed: int = 0) -> reading.Texts:
    rows = np.random.default_rng(seed).normal(size=(len(texts), mini_towers.TEXT_WIDTH))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    halves = rows.astype(np.float16)
    return reading.Texts(tuple(texts), halves, np.arange(len(texts) + 1), halves)


def no_pictures() -> maps.Maps:
    nothing = np.zeros((0, 1, lite.WIDTH), dtype=np.float16)
    return maps.Maps((), nothing, nothing, nothing[:, :, : lite.CLASSES])


def test_words_of_a_photo_are_those_most_captions_agree_on() -> None:
    assert alike.agreed(DOG) == {"dog"}
    assert alike.agreed(DOG, least=1) == {"dog", "runs", "brown", "animal", "grass"}
    first, *_ = lessons.of_captioned([example(DOG)] * 3)
    assert (first.words, first.captions) == (("dog",), DOG)
    rare, *_ = lessons.of_captioned([example(DOG)] * 2)
    assert rare.words == ()


def test_photo_that_fits_a_word_is_no_counter_example_to_it() -> None:
    taught = [*lessons.of_captioned([example(DOG)]), *lessons.of_names(["dog", "animal", "car"])]
    wanted = [text.lower() for text in DOG] + lessons.phrased(["dog", "animal", "car"])
    draw = lessons.Draw(taught, known(wanted), word_share=0.0, seed=0)
    drawn = draw.texts(np.arange(4))
    rows, also = drawn.rows, draw.also(drawn)
    assert wanted[rows[0]] in {text.lower() for text in DOG}
    for row, word in zip(rows[1:], ("dog", "animal", "car"), strict=True):
        assert word in wanted[row]
    expected = np.zeros((4, 4), dtype=bool)
    expected[0, 1] = expected[0, 2] = True
    np.testing.assert_array_equal(also, expected)


def test_loss_is_small_for_own_pairs_alone_and_leaves_fitting_pairs_out() -> None:
    good = 20 * torch.eye(3)
    none = torch.zeros(3, 3, dtype=torch.bool)
    assert learning.contrast(good, none) < 1e-6
    confused = good.clone()
    confused[0, 1] = 40
    also = none.clone()
    also[0, 1] = True
    assert learning.contrast(confused, none) > 5
    assert learning.contrast(confused, also) < 1e-6


def test_stand_ins_lie_where_the_heads_do_wherever_the_classifier_is() -> None:
    """The picture tower may be on a GPU already while the heads are not; "meta" plays one here."""
    heads = mini_heads.Heads().to("meta")
    assert lessons.stand_ins(heads, torch.ones(1000, 1280), length=1.0).device.type == "meta"


@pytest.mark.slow
def test_heads_learn_to_tell_pictures_by_their_texts_and_repeat_exactly() -> None:
    names = [f"thing{number}" for number in range(40)]
    texts = known(lessons.phrased(names))
    stand_ins = torch.randn(40, 1664, generator=torch.manual_seed(1))
    course = lessons.Course(tuple(lessons.of_names(names)), (no_pictures(),), stand_ins)
    recipe = learning.Recipe(epochs=24, batch=20)
    cosines = [trained(course, texts, recipe) for _ in range(2)]
    own = cosines[0].argmax(1) == torch.arange(40)
    assert own.float().mean() > 0.9
    torch.testing.assert_close(cosines[0], cosines[1])


def trained(course: lessons.Course, texts: reading.Texts, recipe: learning.Recipe) -> torch.Tensor:
    torch.manual_seed(recipe.seed)
    heads = mini_heads.Heads()
    learning.train(heads, course, texts, recipe)
    rows = torch.from_numpy(texts.plain[:: len(lessons.PHRASINGS)]).float()
    with torch.inference_mode():
        return heads.text_head(rows) @ heads.picture_head(course.stand_ins).T


def test_recall_counts_the_place_of_the_own_picture() -> None:
    pictures = np.eye(12, dtype=np.float32)
    texts = pictures[[0, 1, 2, 3]] + 2 * pictures[[0, 5, 2, 6]]
    those = evaluate.Embedded((), pictures, texts, np.arange(4))
    assert evaluate.recall(those) == (0.5, 1.0, 1.0)


def test_precision_of_words_leaves_doubtful_photos_out() -> None:
    shown = evaluate.Words(
        ("dog",), np.array([[True, False, False, True]]), np.array([[True, True, False, True]])
    )
    ranking = np.array([[0.9, 0.8, 0.7, 0.6]], dtype=np.float32)
    assert abs(evaluate.mean_precision(ranking, shown) - (1 + 2 / 3) / 2) < 1e-6


def test_alike_photos_share_three_agreed_words_and_foreign_ones_none() -> None:
    beach = ("two brown dogs run beach water",) * 5
    surf = ("brown dogs beach fun",) * 5
    captions = [beach, surf, CAT]
    photos = np.array([[1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32)
    pairs = alike.of_photos(photos, captions)
    np.testing.assert_allclose(pairs.matched, [0.6], atol=1e-6)
    np.testing.assert_allclose(sorted(pairs.unmatched), [0.0, 0.8], atol=1e-6)


def test_rewritten_text_has_the_same_letters() -> None:
    assert constants.rewritten("abcdef") == "abcedf"
    assert sorted(constants.rewritten("a dog on a beach")) == sorted("a dog on a beach")


def test_kinship_is_the_share_whose_nearest_other_thing_has_the_same_class() -> None:
    classes = ["dog", "dog", "car", "car", "once"]
    rows = np.array([[1, 0], [2, 0.1], [0, 1], [3, 0.2], [1, 0]], dtype=np.float16)
    assert kinship.share(rows, classes) == 0.5
    assert kinship.kept(classes).tolist() == [True, True, True, True, False]
