"""Spans of time that a map is coloured by: years where there are several, else months."""

import datetime
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# From early to late; told apart by brightness too, on light and on dark ground.
COLOURS = (
    "#6d28d9", "#4f46e5", "#2563eb", "#0891b2", "#0d9488", "#65a30d", "#ca8a04", "#ea580c",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A span that begins at `from_s`, in seconds since 1970, and ends where the next begins."""

    name: str
    colour: str
    from_s: int


def spread(moments: Iterable[int]) -> list[Period]:
    """Return at most as many spans as there are colours, earliest first, for these seconds."""
    dates = [_date(at_s) for at_s in moments]
    monthly = len({date.year for date in dates}) == 1
    begins = sorted({_begin(date, monthly=monthly) for date in dates})
    size = -(-len(begins) // len(COLOURS))
    runs = [begins[at : at + size] for at in range(0, len(begins), size)]
    step = len(COLOURS) / len(runs)
    return [
        Period(_name(run, monthly=monthly), COLOURS[int(number * step)], int(run[0].timestamp()))
        for number, run in enumerate(runs)
    ]


def place(periods: Sequence[Period], at_s: int) -> int:
    """Return which of the spans a moment lies in; the first for one before all."""
    return max(bisect_right([period.from_s for period in periods], at_s) - 1, 0)


def _date(at_s: int) -> datetime.datetime:
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=at_s)


def _begin(date: datetime.datetime, *, monthly: bool) -> datetime.datetime:
    month = date.month if monthly else 1
    return datetime.datetime(date.year, month, 1, tzinfo=datetime.UTC)


def _name(run: Sequence[datetime.datetime], *, monthly: bool) -> str:
    form = "%B %Y" if monthly else "%Y"
    first, last = run[0].strftime(form), run[-1].strftime(form)
    return first if first == last else f"{first} to {last}"
