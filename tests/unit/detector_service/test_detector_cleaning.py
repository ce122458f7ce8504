"""Marks around words go, marks that belong to them stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector_service.cleaning import cleaned


@pytest.mark.parametrize(
    ("read", "left"),
    [
        ('SALE"', "SALE"),
        ("(Gallery|", "Gallery"),
        ("FURTHER [", "FURTHER"),
        ("Discounts ,", "Discounts"),
        ("~READY", "READY"),
        ("| ~ _", ""),
        ("- Exit -", "Exit"),
    ],
)
def test_marks_at_the_edges_go(read: str, left: str) -> None:
    assert cleaned(read) == left


@pytest.mark.parametrize(
    "text",
    [
        "J & D",
        "50%",
        "Reduce your risk:",
        "(closed)",
        '"Open"',
        "#DONT",
        "pay.",
        "gentlemen's",
        "10 - 20",
    ],
)
def test_marks_of_the_words_stay(text: str) -> None:
    assert cleaned(text) == text


@given(st.text(max_size=30))
def test_cleaning_twice_changes_nothing_and_adds_nothing(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    assert set(once) - {" "} <= set(text)
