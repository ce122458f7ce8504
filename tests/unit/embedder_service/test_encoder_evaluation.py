"""Evaluation of encoders: the measures by hand, what a folder asks, and what is printed."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common import errors, questions, retrieval
from common.calibration import Calibration, Pair
from common.retrieval import Question
from common.vectors import Floats
from embedder_service import evaluation
from embedder_service.encoder import About, EncodedTexts, Pixels
from embedder_service.training import evaluate

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
CONSTANTS = dict.fromkeys(Pair, Calibration(1.0, 0.0))


class Colours:
    """Pictures and words as their colour, a unit vector of three dimensions."""

    about = About("colours", "ab" * 32, 3, "cpu", "float32", 8, CONSTANTS)

    def prepare(self, image: Image.Image) -> Pixels:
        return np.asarray(image.resize((1, 1)), dtype=np.uint8)

    def encode_images(self, pixels: Sequence[Pixels]) -> Floats:
        rows = np.stack([each.reshape(3) for each in pixels]).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        rows = np.array([COLOURS[text] for text in texts], dtype=np.float32) / 255
        return EncodedTexts(rows, (False,) * len(rows))


Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a folder with a photo per colour and the files given by name."""

    def write(**tables: object) -> Path:
        for name, colour in COLOURS.items():
            (tmp_path / "images").mkdir(exist_ok=True)
            Image.new("RGB", (20, 10), colour).save(tmp_path / "images" / f"{name}.png")
        for name, table in tables.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(table), encoding="utf-8")
        return tmp_path

    return write


def figures(cosines: Sequence[Sequence[float]], asked: Sequence[Question]) -> retrieval.Figures:
    """Return the figures of a table of cosines, a row per question."""
    pictures = np.asarray(cosines, dtype=np.float32).T
    return retrieval.figures(pictures, np.eye(len(asked), dtype=np.float32), asked)


def test_recall_is_the_share_of_the_relevant_among_the_first() -> None:
    falling = [1 - n / 20 for n in range(12)]
    found = figures([falling], [Question("q", frozenset({0, 3, 7, 11}))])
    assert found.recalls == (0.25, 0.5, 0.75)
    assert found.precision == pytest.approx((1 / 1 + 2 / 4 + 3 / 8 + 4 / 12) / 4)
    assert found.hits == 1.0


def test_figures_are_means_over_the_questions() -> None:
    falling = [1 - n / 20 for n in range(12)]
    asked = [Question("first", frozenset({0})), Question("sixth", frozenset({5}))]
    found = figures([falling, falling], asked)
    assert found.recalls == (0.5, 0.5, 1.0)
    assert found.hits == 0.5
    assert found.precision == pytest.approx((1 + 1 / 6) / 2)


def test_ignored_pictures_count_neither_as_right_nor_as_wrong() -> None:
    falling = [1 - n / 20 for n in range(12)]
    strict = figures([falling], [Question("q", frozenset({5}))])
    lenient = figures([falling], [Question("q", frozenset({5}), frozenset({0, 2}))])
    assert (strict.hits, lenient.hits) == (0.0, 1.0)
    assert lenient.precision == pytest.approx(1 / 4)


def test_equally_near_pictures_earn_nothing() -> None:
    assert figures([[0.5] * 12], [Question("q", frozenset({0}))]).recalls == (0.0, 0.0, 0.0)


def test_recall_of_captions_is_that_of_the_training_report() -> None:
    random = np.random.default_rng(3)
    pictures, texts = random.normal(size=(30, 8)), random.normal(size=(60, 8))
    owners = np.repeat(np.arange(30), 2)
    pictures, texts = pictures.astype(np.float32), (texts + pictures[owners]).astype(np.float32)
    asked = [Question(str(n), frozenset({int(owner)})) for n, owner in enumerate(owners)]
    expected = evaluate.recall(evaluate.Embedded((), pictures, texts, owners))
    assert retrieval.figures(pictures, texts, asked).recalls == pytest.approx(expected)


def test_captions_ask_for_their_photo_and_the_sheet_has_the_promised_names(
    written: Written,
) -> None:
    captions = {"red.png": ["Red", "green"], "green.png": ["green"], "blue.png": ["blue"]}
    told: list[tuple[int, int]] = []
    asked = questions.read(written(captions=captions))
    sheet = evaluation.judged(Colours(), asked, lambda *done: told.append(done))
    assert (sheet.r_at_1, sheet.r_at_5, sheet.r_at_10) == (0.75, 1.0, 1.0)
    assert (sheet.map, sheet.hit_at_5) == (pytest.approx(1 - (1 - 1 / 3) / 4, abs=1e-4), 1.0)
    assert (sheet.photos, sheet.queries, sheet.model) == (3, 4, "colours")
    assert sheet.pictures_per_second > 0
    assert told == [(3, 3)]


def test_queries_ask_for_their_photos(written: Written) -> None:
    queries = {"green": {"relevant": ["blue.png"], "ignore": ["green.png"]}}
    asked = questions.read(written(queries=queries))
    assert asked.questions == (Question("green", frozenset({0}), frozenset({1})),)
    assert evaluation.judged(Colours(), asked, lambda *_: None).map == 0.5


def test_first_photos_alone_leave_the_questions_about_them(written: Written) -> None:
    captions = {"red.png": ["red"], "green.png": ["green"], "blue.png": ["blue"]}
    asked = questions.first(questions.read(written(captions=captions)), 2)
    assert [path.name for path in asked.photos] == ["blue.png", "green.png"]
    assert [each.text for each in asked.questions] == ["green", "blue"]


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "neither of captions.json and queries.json"),
        ({"captions": {}, "queries": {}}, "both of"),
        ({"captions": {}}, "nothing is asked"),
        ({"captions": ["red"]}, "not a JSON object"),
        ({"captions": {"grey.png": ["grey"]}}, r"'grey\.png' is asked for and not in images"),
        ({"captions": {"red.png": "red"}}, "list of texts"),
        ({"queries": {"red": {"ignore": ["red.png"]}}}, "'red' has no"),
    ],
)
def test_folder_of_another_form_is_refused(
    written: Written, tables: dict[str, object], said: str
) -> None:
    with pytest.raises((errors.NotFound, errors.InvalidInput), match=said):
        questions.read(written(**tables))


def test_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.NotFound, match="holds no photos"):
        questions.read(tmp_path)
