"""Words become lines and lines become blocks the way a person reads them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector_service import grouping
from detector_service.grouping import Word

LETTER_PX = 12.0
NUMBER = st.floats(0, 500).map(lambda value: round(value, 1))


def word(text: str, left: float, top: float, height: float = 20.0, confidence: float = 0.9) -> Word:
    """Return a word whose width fits its letters."""
    return Word(text, left, top, left + LETTER_PX * len(text), top + height, confidence)


def words_of(line: str, left: float, top: float) -> list[Word]:
    """Return the words of a line, one letter apart."""
    words = []
    for text in line.split():
        words.append(word(text, left, top))
        left = words[-1].right + LETTER_PX
    return words


def texts(words: list[Word]) -> list[list[str]]:
    """Return the lines of each block."""
    return [[row.text for row in block] for block in grouping.blocks(grouping.rows(words))]


page = st.lists(
    st.builds(
        lambda x, y, w, h: Word("w", x, y, x + w, y + h, 0.5),
        NUMBER,
        NUMBER,
        st.floats(1, 90),
        st.floats(4, 40),
    ),
    max_size=14,
    unique=True,
)


def test_words_in_a_row_are_one_line_from_left_to_right() -> None:
    words = words_of("keep this entrance free", 10, 10)
    random.Random(1).shuffle(words)
    assert texts(words) == [["keep this entrance free"]]


def test_lines_under_one_another_are_one_block_in_reading_order() -> None:
    words = words_of("no parking", 10, 10) + words_of("at any time", 14, 36)
    assert texts(words[::-1]) == [["no parking", "at any time"]]


def test_two_columns_stay_apart() -> None:
    left = words_of("one two", 10, 10) + words_of("three four", 10, 36)
    right = words_of("five six", 400, 10) + words_of("seven", 400, 36)
    assert texts(left + right) == [["one two", "three four"], ["five six", "seven"]]


def test_far_away_texts_are_blocks_from_top_to_bottom() -> None:
    assert texts([word("bottom", 200, 400), word("top", 200, 5), word("left", 3, 200)]) == [
        ["top"],
        ["left"],
        ["bottom"],
    ]


def test_slanted_line_stays_one_line() -> None:
    words = [
        word(text, 10 + 70 * at, 10 + 7 * at) for at, text in enumerate(["a..b.", "c..d.", "e..f."])
    ]
    assert texts(words) == [["a..b. c..d. e..f."]]


def test_headline_is_no_part_of_the_small_print_beneath() -> None:
    headline = Word("SALE", 10, 10, 200, 90, 0.9)
    assert texts([headline, *words_of("from monday on", 10, 95)]) == [["SALE"], ["from monday on"]]


def test_words_of_different_size_in_a_row_are_different_lines() -> None:
    assert len(grouping.rows([Word("70", 10, 10, 60, 110, 0.9), word("off", 65, 80)])) == 2


def test_confidence_of_a_line_counts_long_words_more() -> None:
    (row,) = grouping.rows(
        [word("aa", 0, 0, confidence=1.0), word("bbbbbb", 36, 0, confidence=0.6)]
    )
    assert row.confidence == pytest.approx((2 * 1.0 + 6 * 0.6) / 8)


def test_corners_of_a_line_hold_all_its_words() -> None:
    (row,) = grouping.rows([word("aa", 0, 3), word("bb", 36, 0)])
    assert row.corners == (0, 0, 60, 23)


@given(page)
def test_every_word_is_in_exactly_one_line_of_one_block(words: list[Word]) -> None:
    blocks = grouping.blocks(grouping.rows(words))
    placed = [id(each) for block in blocks for row in block for each in row.words]
    assert sorted(placed) == sorted(map(id, words))


@given(page, st.randoms(use_true_random=False))
def test_order_in_which_words_are_found_does_not_matter(
    words: list[Word], chance: random.Random
) -> None:
    shuffled = words[:]
    chance.shuffle(shuffled)
    assert grouping.rows(shuffled) == grouping.rows(words)
    assert grouping.blocks(grouping.rows(shuffled)) == grouping.blocks(grouping.rows(words))


@given(page)
def test_words_of_a_line_go_from_left_to_right(words: list[Word]) -> None:
    for row in grouping.rows(words):
        lefts = [each.left for each in row.words]
        assert lefts == sorted(lefts)


@given(page)
def test_size_of_the_picture_does_not_matter(words: list[Word]) -> None:
    def doubled(each: Word) -> Word:
        corners = (2 * side for side in (each.left, each.top, each.right, each.bottom))
        return Word(each.text, *corners, each.confidence)

    lines = [len(row.words) for row in grouping.rows(words)]
    assert [len(row.words) for row in grouping.rows([doubled(each) for each in words])] == lines
