"""Which photos a search may find, by what the catalogue knows of them."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum

import numpy as np

from common.samples import Kind
from index_service import read_texts
from index_service.changes import Numbers
from index_service.read_texts import Reading, ReadText


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
    """What a photo must satisfy, all of it; an empty or unset field lets every photo through.

    kinds: of its samples these alone count. labels: one of these was detected. taken: by the clock
    of the camera. formats: it has one of these. cameras: maker or model contains one of these.
    Letters are compared whatever the case.
    """

    kinds: frozenset[Kind] = frozenset()
    labels: tuple[str, ...] = ()
    taken: Span | None = None
    imported: Span | None = None
    formats: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    read_text: ReadText | None = None
    orientation: Orientation | None = None
    min_long_side_px: int = 0

    @property
    def is_set(self) -> bool:
        """Whether there is anything to satisfy."""
        return any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Passed:
    """The numbers of the photos that pass, rising, and what was read that was asked for."""

    photos: Numbers
    readings: tuple[Reading, ...] = field(default=())


_SHAPES = {
    Orientation.LANDSCAPE: "width > height",
    Orientation.PORTRAIT: "width < height",
    Orientation.SQUARE: "width = height",
}
_CLOCK = "(taken_at_s + 60 * ifnull(taken_offset_min, 0))"
_LABELLED = "number IN (SELECT photo FROM samples WHERE label COLLATE NOCASE IN (%s))"
_OF_KIND = "EXISTS (SELECT 1 FROM samples WHERE photo = photos.number AND kind IN (%s))"
_CAMERA = "EXISTS (SELECT 1 FROM json_each(:cameras) WHERE instr(%s, lower(value)))"
_MAKE_AND_MODEL = "lower(camera_make || ' ' || camera_model)"


def passed(connection: sqlite3.Connection, wanted: Filter) -> Passed:
    """Return the photos that pass."""
    readings = read_texts.found(connection, wanted.read_text) if wanted.read_text else []
    clauses = " AND ".join(("1", *_clauses(wanted)))
    rows = connection.execute(
        f"SELECT number FROM photos WHERE {clauses} ORDER BY number", _values(wanted, readings)
    )
    numbers = np.array([number for (number,) in rows], np.int64)
    kept = frozenset(numbers.tolist()) if readings else frozenset()
    return Passed(numbers, tuple(reading for reading in readings if reading.photo in kept))


def _clauses(wanted: Filter) -> Iterator[str]:
    if wanted.kinds:
        yield _OF_KIND % _listed("kinds")
    if wanted.labels:
        yield _LABELLED % _listed("labels")
    if wanted.taken:
        yield from _within(_CLOCK, wanted.taken, "taken")
    if wanted.imported:
        yield from _within("imported_at_s", wanted.imported, "imported")
    if wanted.formats:
        yield f"format COLLATE NOCASE IN ({_listed('formats')})"
    if wanted.cameras:
        yield _CAMERA % _MAKE_AND_MODEL
    if wanted.read_text:
        yield f"number IN ({_listed('read')})"
    if wanted.orientation:
        yield _SHAPES[wanted.orientation]
    if wanted.min_long_side_px:
        yield "max(width, height) >= :long_side"


def _within(seconds: str, span: Span, name: str) -> Iterator[str]:
    if span.from_s is not None:
        yield f"{seconds} >= :{name}_from"
    if span.until_s is not None:
        yield f"{seconds} < :{name}_until"


def _listed(name: str) -> str:
    return f"SELECT value FROM json_each(:{name})"


def _values(wanted: Filter, readings: list[Reading]) -> Mapping[str, object]:
    taken, imported = wanted.taken or Span(), wanted.imported or Span()
    return {
        "kinds": json.dumps([int(kind) for kind in wanted.kinds]),
        "labels": json.dumps(wanted.labels),
        "taken_from": taken.from_s,
        "taken_until": taken.until_s,
        "imported_from": imported.from_s,
        "imported_until": imported.until_s,
        "formats": json.dumps(wanted.formats),
        "cameras": json.dumps(wanted.cameras),
        "read": json.dumps([reading.photo for reading in readings]),
        "long_side": wanted.min_long_side_px,
    }
