"""Evaluation of readers: recall and precision of words by hand, and what is printed."""

import json
from pathlib import Path

import pytest
from PIL import Image

from common import errors
from common.samples import Box
from detector_service import reading_evaluation, reading_measure
from detector_service.findings import About, Line
from detector_service.reading_measure import Page, Place, Word


def line(
    text: str, left: float, top: float, *, high: float = 10, legible: bool = True
) -> list[Word]:
    """Return the words of a line, ten pixels wide a sign."""
    place = Place(left, top, left + 10 * len(text), top + high)
    return reading_measure.words(text, place, height_px=high, legible=legible)


def test_words_share_their_line_by_their_letters() -> None:
    low, high = line("To BE", 0, 0)
    assert (low.text, high.text) == ("to", "be")
    assert (low.place.left, low.place.right) == (0, 20)
    assert (high.place.left, high.place.right) == (30, 50)
    upwards = reading_measure.words("ab cd", Place(0, 0, 10, 50), height_px=10)
    assert [word.place.top for word in upwards] == [0, 30]


def test_case_does_not_count_and_place_does() -> None:
    known = line("Exit", 0, 0) + line("Exit", 0, 300)
    page = Page(known, line("EXIT", 2, 1))
    assert reading_measure.matched(page) == {0: 0}
    score = reading_measure.scores([page]).every
    assert (score.word_recall, score.word_precision, score.words) == (0.5, 1.0, 2)


def test_each_read_word_serves_one_known_word() -> None:
    score = reading_measure.scores([Page(line("no no no", 0, 0), line("no yes no", 0, 0))]).every
    assert score.word_recall == pytest.approx(2 / 3, abs=1e-4)
    assert score.word_precision == pytest.approx(2 / 3, abs=1e-4)


def test_what_is_read_over_illegible_words_counts_neither_way() -> None:
    known = line("open", 0, 0) + line("###", 100, 0, legible=False)
    score = reading_measure.scores([Page(known, line("open", 0, 0) + line("abc", 100, 0))]).every
    assert (score.word_recall, score.word_precision, score.words) == (1.0, 1.0, 1)


def test_sizes_are_counted_apart() -> None:
    known = line("tiny", 0, 0, high=10) + line("huge", 0, 100, high=60)
    scores = reading_measure.scores([Page(known, line("huge", 0, 100, high=60))])
    assert scores.by_size["small"].word_recall == 0.0
    assert scores.by_size["small"].word_precision is None
    assert scores.by_size["large"].word_recall == 1.0
    assert scores.by_size["medium"].words == 0


class Sign:
    """Reads "STOP here" in the upper half of every picture."""

    about = About("sign", "f00d", "cpu")

    def __init__(self) -> None:
        self.sides: list[int] = []

    def read(self, image: Image.Image) -> list[Line]:
        self.sides.append(max(image.size))
        return [Line("STOP here", Box(0.0, 0.0, 0.9, 0.1), 0.9, 0)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A photo larger than the working copy that says "stop" and "now"."""
    (tmp_path / "images").mkdir()
    Image.new("RGB", (2000, 1000)).save(tmp_path / "images" / "a.jpg")
    words = [
        {"text": "Stop", "quad": [0, 0, 800, 0, 800, 100, 0, 100], "legible": True},
        {"text": "now", "quad": [0, 800, 300, 800, 300, 840, 0, 840], "legible": True},
        {"text": "###", "quad": [1000, 0, 1800, 0, 1800, 100, 1000, 100], "legible": False},
    ]
    table = {"a.jpg": {"width": 2000, "height": 1000, "words": words}}
    (tmp_path / "labels.json").write_text(json.dumps(table), encoding="utf-8")
    return tmp_path


def test_sheet_has_the_promised_names(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    reader = Sign()
    photos = reading_evaluation.labelled(folder)
    sheet = reading_evaluation.judged(reader, photos, lambda *done: told.append(done))
    assert (sheet.word_recall, sheet.word_precision) == (0.5, 1.0)
    assert sheet.by_size["large"].word_recall == 1.0
    assert sheet.by_size["medium"].word_recall == 0.0
    assert (sheet.photos, sheet.words, sheet.model) == (1, 2, "sign")
    assert told == [(1, 1)]
    assert reader.sides == [1024]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        ("{", "not of the form"),
        ("{}", "names no photo"),
        ('{"a.jpg": {"words": [{"text": "x"}]}}', "not of the form"),
        ('{"a.jpg": {"words": [{"text": "x", "quad": [1, 2, 3]}]}}', "not of the form"),
    ],
)
def test_folder_of_another_form_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "labels.json").write_text(content)
    with pytest.raises((errors.NotFound, errors.InvalidInput), match=said):
        reading_evaluation.labelled(tmp_path)
