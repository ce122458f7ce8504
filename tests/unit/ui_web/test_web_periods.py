"""Spans of time that a map is coloured by."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from ui.web import periods

MOMENTS = st.sets(st.integers(-2_000_000_000, 4_000_000_000), min_size=1, max_size=60)


def at_s(*date: int) -> int:
    return int(datetime.datetime(*date, tzinfo=datetime.UTC).timestamp())  # type: ignore[arg-type]


@given(MOMENTS)
def test_every_moment_has_its_span_and_there_are_few(moments: set[int]) -> None:
    spans = periods.spread(moments)
    assert 1 <= len(spans) <= len(periods.COLOURS)
    assert len({span.colour for span in spans}) == len(spans)
    for moment in moments:
        place = periods.place(spans, moment)
        assert spans[place].from_s <= moment
        assert place + 1 == len(spans) or moment < spans[place + 1].from_s


def test_one_year_is_told_apart_by_months_and_many_by_years() -> None:
    months = periods.spread({at_s(2023, 6, 10), at_s(2023, 7, 1)})
    assert [span.name for span in months] == ["June 2023", "July 2023"]
    years = periods.spread({at_s(year, 5, 1) for year in range(2010, 2022)})
    assert years[0].name == "2010 to 2011"
