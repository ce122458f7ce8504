"""Photos in the trash: all their rows, of whatever tables there are, kept beside the catalogue.

Rows are moved, not marked: nothing that reads photos or samples can forget to leave them out. A
photo that comes back gets new numbers, as the vectors in memory want it, and keeps everything else.
"""

import base64
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from common import errors
from common.samples import Kind, PhotoFacts
from index_service import facts_rows, reading
from index_service.changes import AddedSample, Effects, Meta, VectorSample

_ROOT, _NUMBER = "photos", "number"


@dataclass(frozen=True, slots=True)
class Trashed:
    """A photo in the trash, and when it got there, in seconds since 1970."""

    facts: PhotoFacts
    trashed_at_s: int


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose rows go with a photo: its columns, and which of them point to whose number."""

    name: str
    columns: frozenset[str]
    blobs: frozenset[str]
    links: tuple[tuple[str, str], ...] = ()


def put_in(connection: sqlite3.Connection, photo_id: str, at_s: int) -> list[tuple[Kind, int]]:
    """Move a photo into the trash; return the samples that are gone. Raises NotFound.

    Of one that is there already nothing is left to do: its answer may have been lost.
    """
    photo = reading.photo_numbers(connection, [photo_id])
    if not photo and is_in(connection, photo_id):
        return []
    if not photo:
        raise errors.NotFound(f"no photo {photo_id}")
    connection.execute("INSERT INTO trash (photo_id, trashed_at_s) VALUES (?, ?)", (photo_id, at_s))
    kept = list(_rows_of(connection, photo[0]))
    connection.executemany(
        "INSERT INTO trashed_rows (photo_id, place, origin, content) VALUES (?, ?, ?, ?)",
        ((photo_id, place, table, row) for place, (table, row) in enumerate(kept)),
    )
    gone = connection.execute("SELECT kind, number FROM samples WHERE photo = ?", photo).fetchall()
    connection.execute("DELETE FROM photos WHERE number = ?", photo)
    return [(Kind(kind), number) for kind, number in gone]


def take_out(connection: sqlite3.Connection, photo_id: str, meta: Meta, effects: Effects) -> None:
    """Bring a photo back, if it is not back already.

    Raises NotFound, or Mismatch if its vectors are of another model.
    """
    if reading.photo_numbers(connection, [photo_id]):
        return
    _check_model(connection, photo_id, meta)
    renumbered: dict[tuple[str, int], int] = {}
    tables = {table.name: table for table in _tables(connection)}
    for origin, content in _kept(connection, photo_id):
        if origin in tables:
            _insert(connection, tables[origin], json.loads(content), renumbered)
    drop(connection, photo_id)
    (photo,) = reading.photo_numbers(connection, [photo_id])
    effects.photos[photo] = photo_id
    effects.added += _added(connection, photo, meta)


def is_in(connection: sqlite3.Connection, photo_id: str) -> bool:
    """Return whether a photo is in the trash."""
    found = connection.execute("SELECT 1 FROM trash WHERE photo_id = ?", (photo_id,))
    return found.fetchone() is not None


def drop(connection: sqlite3.Connection, photo_id: str) -> bool:
    """Delete a photo of the trash for good; return whether there was one."""
    cursor = connection.execute("DELETE FROM trash WHERE photo_id = ?", (photo_id,))
    return cursor.rowcount > 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which photos of the trash to list; `before_s` 0 and no `photo_ids` are all."""

    size: int
    after: str = ""
    before_s: int = 0
    photo_ids: tuple[str, ...] = ()


def listed(connection: sqlite3.Connection, wanted: Wanted) -> tuple[list[Trashed], str]:
    """Return photos by rising id, and the last id of them where there are more."""
    rows = connection.execute(
        "SELECT photo_id, trashed_at_s FROM trash WHERE photo_id > :after"
        " AND (:before = 0 OR trashed_at_s < :before)"
        " AND (:ids = '[]' OR photo_id IN (SELECT value FROM json_each(:ids)))"
        " ORDER BY photo_id LIMIT :size",
        {
            "after": wanted.after,
            "before": wanted.before_s,
            "ids": json.dumps(wanted.photo_ids),
            "size": wanted.size + 1,
        },
    ).fetchall()
    shown = rows[: wanted.size]
    found = [Trashed(_facts(connection, photo_id), at_s) for photo_id, at_s in shown]
    return found, shown[-1][0] if len(rows) > wanted.size else ""


def count(connection: sqlite3.Connection) -> int:
    """Return how many photos are in the trash."""
    return int(connection.execute("SELECT COUNT(*) FROM trash").fetchone()[0])


def ids(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of all photos in the trash, sorted."""
    return [row[0] for row in connection.execute("SELECT photo_id FROM trash ORDER BY photo_id")]


def _tables(connection: sqlite3.Connection) -> list[_Table]:
    """Return the tables whose rows go with a photo, parents before children."""
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    links = {name: _links(connection, name) for (name,) in names}
    found = [_ROOT]
    for parent in found:
        own = [name for name, to in links.items() if parent in (table for _, table in to)]
        found += [name for name in own if name not in found]
    return [_table(connection, name, links[name]) for name in found]


def _links(connection: sqlite3.Connection, name: str) -> tuple[tuple[str, str], ...]:
    keys = connection.execute(f"PRAGMA foreign_key_list({name})")
    return tuple((key[3], key[2]) for key in keys if key[6] == "CASCADE")


def _table(connection: sqlite3.Connection, name: str, links: tuple[tuple[str, str], ...]) -> _Table:
    columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
    blobs = frozenset(column[1] for column in columns if column[2] == "BLOB")
    return _Table(name, frozenset(column[1] for column in columns), blobs, links)


def _rows_of(connection: sqlite3.Connection, photo: int) -> Iterator[tuple[str, str]]:
    """Yield (table, row as JSON) of a photo, parents before children."""
    numbers: dict[str, list[int]] = {}
    for table in _tables(connection):
        column, parent = next((link for link in table.links if link[1] in numbers), (_NUMBER, ""))
        of = numbers[parent] if parent else [photo]
        cursor = connection.execute(
            f"SELECT * FROM {table.name} WHERE {column} IN (SELECT value FROM json_each(?))",
            (json.dumps(of),),
        )
        names = [one[0] for one in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
        numbers[table.name] = [row[_NUMBER] for row in rows if _NUMBER in row]
        yield from ((table.name, json.dumps(_plain(row))) for row in rows)


def _insert(
    connection: sqlite3.Connection,
    table: _Table,
    row: dict[str, Any],
    renumbered: dict[tuple[str, int], int],
) -> None:
    """Insert a row of the trash under a new number, pointing to the new numbers of its parents."""
    values: dict[str, Any] = {
        name: base64.b64decode(value) if name in table.blobs and value is not None else value
        for name, value in row.items()
        if name in table.columns
    }
    old = values.pop(_NUMBER, None)
    for column, parent in table.links:
        values[column] = renumbered.get((parent, values[column]), values[column])
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO {table.name} ({names}) VALUES ({marks})", tuple(values.values())
    )
    if old is not None:
        renumbered[table.name, old] = int(cursor.lastrowid or 0)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in row.items()
    }


def _kept(connection: sqlite3.Connection, photo_id: str) -> list[tuple[str, str]]:
    found = connection.execute(
        "SELECT origin, content FROM trashed_rows WHERE photo_id = ? ORDER BY place", (photo_id,)
    ).fetchall()
    if not found:
        raise errors.NotFound(f"no photo {photo_id} in the trash")
    return found


def _check_model(connection: sqlite3.Connection, photo_id: str, meta: Meta) -> None:
    """Raise Mismatch if a sample has a vector, but none of the library's model."""
    rows = [json.loads(row) for origin, row in _kept(connection, photo_id) if origin == "vectors"]
    fitting = {row["sample"] for row in rows if row["fingerprint"] == meta.fingerprint}
    if others := [row["fingerprint"] for row in rows if row["sample"] not in fitting]:
        raise errors.Mismatch(
            f"photo {photo_id} has vectors of {min(others)!r}, the library of {meta.fingerprint!r}"
        )


def _facts(connection: sqlite3.Connection, photo_id: str) -> PhotoFacts:
    rows = [(origin, json.loads(content)) for origin, content in _kept_facts(connection, photo_id)]
    photo = next(row for origin, row in rows if origin == _ROOT)
    sources = tuple(row["source"] for origin, row in rows if origin == "sources")
    return facts_rows.facts_from([photo[name] for name in facts_rows.NAMES], sources)


def _kept_facts(connection: sqlite3.Connection, photo_id: str) -> Sequence[tuple[str, str]]:
    return connection.execute(
        "SELECT origin, content FROM trashed_rows WHERE photo_id = ?"
        " AND origin IN ('photos', 'sources') ORDER BY place",
        (photo_id,),
    ).fetchall()


def _added(connection: sqlite3.Connection, photo: int, meta: Meta) -> list[AddedSample]:
    """Return the samples of a photo as those that were just added, by rising number."""
    samples = sorted(reading.samples_of(connection, [photo], list(Kind))[photo])
    blobs = dict(
        connection.execute(
            "SELECT sample, vector FROM vectors JOIN samples ON samples.number = sample"
            " WHERE photo = ? AND fingerprint = ?",
            (photo, meta.fingerprint),
        )
    )
    return [
        AddedSample(n, photo, VectorSample(sample, np.frombuffer(blobs[n], dtype="<f4")))
        for n, sample in samples
        if n in blobs
    ]
