"""What photos and samples are called in front of people."""

import datetime
from collections.abc import Iterable
from pathlib import PurePath

from common.samples import Box, Kind, PhotoFacts, Sample, Taken

SHORT_ID = 12
EPOCH = datetime.datetime(1970, 1, 1)


def short_id(photo_id: str) -> str:
    """Return enough of an id to name the photo again."""
    return photo_id[:SHORT_ID]


def photo(facts: PhotoFacts) -> str:
    """Return the name of the file it was first imported from, its short id without one."""
    name = PurePath(facts.sources[0]).name if facts.sources else ""
    return name or short_id(facts.photo_id)


def sample(shown: Sample) -> str:
    """Return kind, label or text, and region, as `animal "cat" at 10,20 50x40 %`."""
    if shown.kind is Kind.PHOTO:
        return "whole photo"
    named = f' "{shown.label or shown.text}"' if shown.label or shown.text else ""
    return f"{shown.kind.name.lower()}{named} at {region(shown.box)}"


def without_words(samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples without single words of a line that is among them.

    They have a vector so that they can be found; a person reads them in the line.
    """
    every = list(samples)
    longest: dict[Box, int] = {}
    for one in every:
        if one.kind is Kind.TEXT:
            longest[one.box] = max(longest.get(one.box, 0), len(one.text))
    return [one for one in every if one.kind is not Kind.TEXT or len(one.text) == longest[one.box]]


def date(seconds: int) -> str:
    """Return a moment in seconds since 1970 as local date and time, "" for 0."""
    if not seconds:
        return ""
    return datetime.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def region(box: Box) -> str:
    """Return left, top and size in percent of the photo."""
    left, top, width, height = (round(100 * v) for v in (box.x, box.y, box.width, box.height))
    return f"{left},{top} {width}x{height} %"


def taken_at(taken: Taken) -> str:
    """Return what the camera's clock showed, as "2019-06-30 18:05:00 +02:00"; "" if not told."""
    if taken.at_s is None:
        return ""
    shown_s = taken.at_s + 60 * (taken.offset_min or 0)
    shown = (EPOCH + datetime.timedelta(seconds=shown_s)).isoformat(sep=" ")
    if taken.offset_min is None:
        return shown
    hours, minutes = divmod(abs(taken.offset_min), 60)
    return f"{shown} {'-' if taken.offset_min < 0 else '+'}{hours:02}:{minutes:02}"


def camera(taken: Taken) -> str:
    """Return maker and model, the maker not twice; "" if not told."""
    if taken.camera_model.lower().startswith(taken.camera_make.lower()):
        return taken.camera_model
    return f"{taken.camera_make} {taken.camera_model}".strip()


def place(taken: Taken) -> str:
    """Return degrees as "52.51000 N, 13.40000 E"; "" if not told."""
    if taken.latitude is None or taken.longitude is None:
        return ""
    north = f"{abs(taken.latitude):.5f} {'S' if taken.latitude < 0 else 'N'}"
    return f"{north}, {abs(taken.longitude):.5f} {'W' if taken.longitude < 0 else 'E'}"


def taken(told: Taken) -> list[str]:
    """Return a line for each thing that the file tells of its taking."""
    lines = {"taken": taken_at(told), "camera": camera(told), "at": place(told)}
    return [f"{name} {value}" for name, value in lines.items() if value]


def duration(seconds: float) -> str:
    """Return a time as "40 s", "12 min" or "3.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: int) -> str:
    """Return a number of bytes as "3.4 MB"."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
