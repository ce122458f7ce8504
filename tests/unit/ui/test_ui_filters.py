"""Spans of time as people write them."""

import datetime

import pytest

from ui import filters


def at(*date: int) -> int:
    return int(datetime.datetime(*date, tzinfo=datetime.UTC).timestamp())  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2023", at(2023, 1, 1), at(2024, 1, 1)),
        ("2023-12", at(2023, 12, 1), at(2024, 1, 1)),
        ("2024-02-29", at(2024, 2, 29), at(2024, 3, 1)),
        ("2022..2023-06", at(2022, 1, 1), at(2023, 7, 1)),
        (" 2022-05-01 .. ", at(2022, 5, 1), None),
        ("..2023-06-10", None, at(2023, 6, 11)),
        ("1969", at(1969, 1, 1), at(1970, 1, 1)),
    ],
)
def test_span_counts_both_ends_whole(text: str, begins: int | None, ends: int | None) -> None:
    assert filters.span(text) == filters.Span(begins, ends)


@pytest.mark.parametrize(
    "text", ["", "..", "23", "2023-13", "2023-02-30", "2023/06", "2023..2022", "9999", "0000"]
)
def test_what_is_no_span_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|no time|ends before"):
        filters.span(text)
