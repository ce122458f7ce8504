"""What photos a search may find, as values; and spans of time as people write them."""

import datetime
import re
from dataclasses import dataclass, field
from enum import IntEnum

from common.samples import Kind

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


class Orientation(IntEnum):
    """The shape of an upright photo; the numbers are those of the protos."""

    LANDSCAPE = 1
    PORTRAIT = 2
    SQUARE = 3


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds since 1970: `from_s` is the first, `until_s` the first after; None is no end."""

    from_s: int | None = None
    until_s: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """What a photo must satisfy, all of it; what is empty lets every photo through.

    `read_text` stands in the photo, nearly if `fuzzy`. `taken` is by the clock of the camera.
    """

    kinds: tuple[Kind, ...] = ()
    labels: tuple[str, ...] = ()
    taken: Span = field(default_factory=Span)
    imported: Span = field(default_factory=Span)
    formats: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    read_text: str = ""
    fuzzy: bool = False
    orientation: Orientation | None = None
    min_long_side_px: int = 0


def span(text: str) -> Span:
    """Return the span of "2023", "2023-06", "2023-06-10" or of two of them, "2022..2023-06".

    Either side of the dots may be empty; both count whole. Raises ValueError with a sentence.
    """
    first, dots, last = text.partition("..")
    last = last if dots else first
    if not first.strip() and not last.strip():
        raise ValueError(f"{text!r} names no time: write it as 2023-06 or 2022..2023-06-10")
    begins = _ends(first)[0] if first.strip() else None
    ends = _ends(last)[1] if last.strip() else None
    if begins is not None and ends is not None and begins >= ends:
        raise ValueError(f"{text!r} ends before it begins")
    return Span(begins, ends)


def _ends(text: str) -> tuple[int, int]:
    """Return the first second of a year, month or day and the first one after it."""
    written = _DATE.fullmatch(text.strip())
    if written is None:
        raise ValueError(f"{text.strip()!r} is not a date: write it as 2023, 2023-06 or 2023-06-10")
    year, month, day = (int(part) if part else 0 for part in written.groups())
    try:
        begins = datetime.datetime(year, month or 1, day or 1, tzinfo=datetime.UTC)
        ends = _after(begins, month=month, day=day)
    except (ValueError, OverflowError):
        raise ValueError(f"{text.strip()!r} is not a date that there is") from None
    return int(begins.timestamp()), int(ends.timestamp())


def _after(begins: datetime.datetime, *, month: int, day: int) -> datetime.datetime:
    if day:
        return begins + datetime.timedelta(days=1)
    if month:
        return (begins + datetime.timedelta(days=31)).replace(day=1)
    return begins.replace(year=begins.year + 1)
