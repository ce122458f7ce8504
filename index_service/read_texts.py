"""Texts that were read in photos, found by their letters: no vector has a say in it."""

import sqlite3
from dataclasses import dataclass

from common.samples import Kind
from index_service import nearly

SHORTEST, LONGEST = 2, 200
_TRIGRAM = 3
_ALL = "SELECT number, photo, text FROM samples WHERE kind = :kind"
_INDEXED = f"{_ALL} AND number IN (SELECT rowid FROM read_texts WHERE read_texts MATCH :match)"


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text to look for; `fuzzy` forgives a few letters."""

    text: str
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A sample whose text holds what was looked for; `score` in [0, 1], 1 to the letter."""

    number: int
    photo: int
    score: float


def found(connection: sqlite3.Connection, wanted: ReadText) -> list[Reading]:
    """Return every sample that holds the text, whatever the case, in no order."""
    text = " ".join(wanted.text.split()).lower()
    errors = nearly.errors_allowed(len(text)) if wanted.fuzzy else 0
    if not errors:
        return [Reading(number, photo, 1.0) for number, photo, _ in _holding(connection, text)]
    rows = _candidates(connection, text, errors)
    distances = nearly.distances([row[2].lower() for row in rows], text).tolist()
    return [
        Reading(number, photo, 1 - distance / len(text))
        for (number, photo, _), distance in zip(rows, distances, strict=True)
        if distance <= errors
    ]


Row = tuple[int, int, str]


def _holding(connection: sqlite3.Connection, text: str) -> list[Row]:
    """Return the samples that hold `text`; what has no trigram is looked for in all."""
    if len(text) < _TRIGRAM:
        return [row for row in _rows(connection, _ALL) if text in row[2].lower()]
    return _rows(connection, _INDEXED, match=_quoted(text))


def _candidates(connection: sqlite3.Connection, text: str, errors: int) -> list[Row]:
    """Return all samples that may hold `text` with so many errors.

    An error spoils at most three trigrams; if that may be all of them, every text is a candidate.
    """
    trigrams = {text[at : at + _TRIGRAM] for at in range(len(text) - _TRIGRAM + 1)}
    if len(text) - _TRIGRAM + 1 <= _TRIGRAM * errors:
        return _rows(connection, _ALL)
    return _rows(connection, _INDEXED, match=" OR ".join(map(_quoted, sorted(trigrams))))


def _rows(connection: sqlite3.Connection, query: str, **values: str) -> list[Row]:
    return connection.execute(query, {"kind": int(Kind.TEXT), **values}).fetchall()


def _quoted(text: str) -> str:
    """Return `text` as FTS5 writes a string, in which nothing has a meaning."""
    return '"' + text.replace('"', '""') + '"'
