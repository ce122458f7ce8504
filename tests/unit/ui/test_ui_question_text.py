"""One line becomes the terms that a person means by it; what cannot be read says where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import errors
from common.samples import Box
from ui import question_text
from ui.answers import Term

ID = "ab12cd34"


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("a dog on a beach", [Term(text="a dog on a beach")]),
        ("a close-up of C++ in an e-mail", [Term(text="a close-up of C++ in an e-mail")]),
        (
            "2:beach + sunset - people",
            [Term(text="beach", weight=2), Term(text="sunset"), Term(text="people", weight=-1)],
        ),
        ("beach -people", [Term(text="beach"), Term(text="people", weight=-1)]),
        (
            "- people + 0.5: a red car ",
            [Term(text="people", weight=-1), Term(text="a red car", weight=0.5)],
        ),
        ("+beach", [Term(text="beach")]),
        ("-.5:night", [Term(text="night", weight=-0.5)]),
        ('"16:9 screen" + "rock - paper"', [Term(text="16:9 screen"), Term(text="rock - paper")]),
        ('3:"a + b"', [Term(text="a + b", weight=3)]),
        ("a dog's tail", [Term(text="a dog's tail")]),
        ('the word "stop" on a sign', [Term(text='the word "stop" on a sign')]),
        (f"photo:{ID.upper()} - snow", [Term(photo_id=ID), Term(text="snow", weight=-1)]),
        (f"2:photo:{ID}@0,0,0.5,1", [Term(photo_id=ID, box=Box(0, 0, 0.5, 1), weight=2)]),
        ("photo:album", [Term(text="photo:album")]),
        ("  beach  ", [Term(text="beach")]),
        ("strand\n+ möwe 🐦", [Term(text="strand"), Term(text="möwe 🐦")]),
    ],
)
def test_line_is_read_as_it_is_meant(line: str, terms: list[Term]) -> None:
    assert list(question_text.parsed(line)) == terms


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ("", "", "nothing to look for"),
        ("  ", "", "nothing to look for"),
        ("beach +", "character 8", "is missing here"),
        ("beach + - people", "character 9", "is missing here"),
        ("2:", "character 3", "is missing here"),
        ('beach + "sunset', "character 9", "never closed"),
        ('beach - ""', "character 9", "nothing between the quotes"),
        ('"beach" sunset', "character 9", "a + or - is missing"),
        (f"photo:{ID} sunset", "character 16", "a + or - is missing"),
        ("0:beach", "character 1", "not a number above 0"),
        (f"{'9' * 400}:beach", "character 1", "not a number above 0"),
        (f"photo:{ID}@1,2", "character 16", "not a region"),
        (f"photo:{ID}@0,0,2,2", "character 16", "not a region"),
    ],
)
def test_what_cannot_be_read_says_where(line: str, where: str, what: str) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        question_text.parsed(line)
    assert where in str(caught.value)
    assert what in str(caught.value)
    assert caught.value.field == "query"


@given(st.text(max_size=60))
def test_no_line_makes_anything_but_terms_or_a_complaint(line: str) -> None:
    try:
        terms = question_text.parsed(line)
    except errors.InvalidInput:
        return
    assert terms
    assert all(term.text.strip() or term.photo_id for term in terms)


WORDS = st.text(st.characters(exclude_characters='"'), min_size=1).filter(str.strip)
WEIGHTS = st.sampled_from([1.0, -1.0, 2.0, -0.5, 0.25])


@given(st.lists(st.tuples(WORDS, WEIGHTS), min_size=1, max_size=5))
def test_quoted_terms_come_back_as_they_are(terms: list[tuple[str, float]]) -> None:
    parts = (f'{"-" if weight < 0 else "+"} {abs(weight)}:"{text}"' for text, weight in terms)
    found = question_text.parsed(" ".join(parts))
    assert [(term.text, term.weight) for term in found] == terms
