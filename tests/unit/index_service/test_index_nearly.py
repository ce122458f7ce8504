"""Texts that are nearly part of others, against the table written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index_service import nearly

LETTERS = st.text("abé ", max_size=9)


def fewest(text: str, wanted: str) -> int:
    """Return the fewest edits between `wanted` and any part of `text`."""
    row = [0] * (len(text) + 1)
    for at, letter in enumerate(wanted, 1):
        following = [at]
        for place, own in enumerate(text, 1):
            changed = row[place - 1] + (letter != own)
            following.append(min(changed, row[place] + 1, following[place - 1] + 1))
        row = following
    return min(row)


@given(st.lists(LETTERS, max_size=5), LETTERS.filter(bool))
def test_distances_are_those_of_the_table(texts: list[str], wanted: str) -> None:
    found = nearly.distances(texts, wanted).tolist()
    assert found == [fewest(text, wanted) for text in texts]


@pytest.mark.parametrize(("length", "errors"), [(3, 0), (4, 1), (8, 1), (9, 2), (13, 3), (17, 4)])
def test_longer_texts_forgive_more(length: int, errors: int) -> None:
    assert nearly.errors_allowed(length) == errors


def test_only_the_beginning_of_a_very_long_text_is_looked_at() -> None:
    assert nearly.distances(["a" * 600 + "hotel"], "hotel").tolist() == [5]
