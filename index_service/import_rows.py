"""What the catalogue keeps of imports, as its writer changes it.

An item is one source with one photo id. It counts once: what it settles as stays, but for a
rejection or failure that something better follows.
"""

import json
import sqlite3
from collections.abc import Iterable

from common import errors
from common.imports import ImportRecord, ImportState, Item, Outcome, RedoScope
from common.samples import Stage
from index_service import facts_rows

KEPT_IMPORTS = 1_000
_FINAL = (Outcome.ADDED, Outcome.DUPLICATE, Outcome.UNPACKED)


def open_import(connection: sqlite3.Connection, record: ImportRecord, at_s: int) -> None:
    """Add an import, or let a known one run again; the paths and totals given are taken over."""
    connection.execute(
        "INSERT INTO imports (import_id, label, state, paths, in_place, total, total_bytes,"
        " created_at_s, changed_at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (import_id) DO UPDATE SET state = excluded.state,"
        " paths = CASE excluded.paths WHEN '[]' THEN paths ELSE excluded.paths END,"
        " total = CASE excluded.total WHEN 0 THEN total ELSE excluded.total END,"
        " total_bytes = CASE excluded.total_bytes WHEN 0 THEN total_bytes"
        " ELSE excluded.total_bytes END, changed_at_s = excluded.changed_at_s",
        (
            record.import_id,
            record.label,
            int(ImportState.RUNNING),
            json.dumps(record.paths),
            int(record.in_place),
            record.total,
            record.total_bytes,
            at_s,
            at_s,
        ),
    )
    connection.execute(
        "DELETE FROM imports WHERE state = ? AND number <= (SELECT MAX(number) FROM imports) - ?",
        (int(ImportState.FINISHED), KEPT_IMPORTS),
    )


def set_state(
    connection: sqlite3.Connection, import_id: str, state: ImportState, at_s: int
) -> None:
    """Change the state; the items of a finished import go, its counts stay. Raises NotFound."""
    number = _number(connection, import_id)
    connection.execute(
        "UPDATE imports SET state = ?, changed_at_s = ? WHERE number = ?",
        (int(state), at_s, number),
    )
    if state is ImportState.FINISHED:
        connection.execute("DELETE FROM import_items WHERE import = ?", (number,))


def record(
    connection: sqlite3.Connection, import_id: str, items: Iterable[Item], at_s: int
) -> None:
    """Record what became of items. Raises NotFound for an unknown import."""
    number = _number(connection, import_id)
    for item in items:
        _settle(connection, number, item, at_s)
        if item.outcome is Outcome.REJECTED:
            _reject(connection, import_id, item, at_s)
        elif item.outcome in _FINAL:
            _add_source(connection, item)
            _clear_rejection(connection, item)


def record_added(connection: sqlite3.Connection, import_id: str, item: Item, at_s: int) -> None:
    """Count a photo that was added, in the transaction that adds it; an unknown import is none."""
    row = connection.execute(
        "SELECT number FROM imports WHERE import_id = ?", (import_id,)
    ).fetchone()
    if row:
        _settle(connection, row[0], item, at_s)
    _clear_rejection(connection, item)


def delete_rejections(connection: sqlite3.Connection, rejection_ids: Iterable[int]) -> list[str]:
    """Take rejections off the list; return the photo id of each that was on it."""
    rows = connection.execute(
        "DELETE FROM rejections WHERE number IN (SELECT value FROM json_each(?))"
        " RETURNING photo_id",
        (json.dumps(list(rejection_ids)),),
    ).fetchall()
    return [photo_id for (photo_id,) in rows]


def redo(connection: sqlite3.Connection, stage: Stage, scope: RedoScope, model: str) -> None:
    """Mark records of a stage, so that it is missing again; the samples stay until then."""
    wanted = {
        RedoScope.MISSING: "0",
        RedoScope.FAILED: "error <> ''",
        RedoScope.MODEL_CHANGED: "(error <> '' OR model <> :model)",
        RedoScope.ALL: "1",
    }[scope]
    connection.execute(
        f"UPDATE stages SET redo = 1 WHERE stage = :stage AND {wanted}",
        {"stage": int(stage), "model": model},
    )


def _number(connection: sqlite3.Connection, import_id: str) -> int:
    row = connection.execute(
        "SELECT number FROM imports WHERE import_id = ?", (import_id,)
    ).fetchone()
    if row is None:
        raise errors.NotFound(f"there is no import {import_id}")
    return int(row[0])


def _settle(connection: sqlite3.Connection, number: int, item: Item, at_s: int) -> None:
    if item.outcome is None:
        return
    key = (number, item.source, item.photo_id)
    row = connection.execute(
        "SELECT outcome FROM import_items WHERE import = ? AND source = ? AND photo_id = ?", key
    ).fetchone()
    if row and (row[0] in _FINAL or row[0] == item.outcome):
        return
    connection.execute(
        "INSERT OR REPLACE INTO import_items (import, source, photo_id, outcome)"
        " VALUES (?, ?, ?, ?)",
        (*key, int(item.outcome)),
    )
    connection.execute("UPDATE imports SET changed_at_s = ? WHERE number = ?", (at_s, number))
    _count(connection, number, item.outcome, step=1)
    if row:
        _count(connection, number, Outcome(row[0]), step=-1)


def _count(connection: sqlite3.Connection, number: int, outcome: Outcome, *, step: int) -> None:
    """Change the count of an outcome; an archive is no photo, so it does not count."""
    if outcome is Outcome.UNPACKED:
        return
    column = outcome.name.lower()
    connection.execute(
        f"UPDATE imports SET {column} = {column} + ? WHERE number = ?", (step, number)
    )


def _add_source(connection: sqlite3.Connection, item: Item) -> None:
    if item.source:
        connection.execute(
            "INSERT OR IGNORE INTO sources (photo, source)"
            " SELECT number, ? FROM photos WHERE photo_id = ?"
            " AND (SELECT COUNT(*) FROM sources WHERE photo = number) < ?",
            (item.source, item.photo_id, facts_rows.MAX_SOURCES),
        )


def _reject(connection: sqlite3.Connection, import_id: str, item: Item, at_s: int) -> None:
    """Put an item on the list, in the place of what was said of it before.

    Only a whole path names one file for sure: two others of one name may be two photos.
    """
    connection.execute(
        "DELETE FROM rejections WHERE source = :source"
        " AND (photo_id = :photo_id OR source LIKE '/%')",
        {"source": item.source, "photo_id": item.photo_id},
    )
    connection.execute(
        "INSERT INTO rejections (source, photo_id, reason, message, import_id, rejected_at_s)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (item.source, item.photo_id, int(item.reason), item.message, import_id, at_s),
    )


def _clear_rejection(connection: sqlite3.Connection, item: Item) -> None:
    connection.execute(
        "DELETE FROM rejections WHERE (photo_id = :photo_id AND photo_id <> '')"
        " OR (source = :source AND source LIKE '/%')",
        {"source": item.source, "photo_id": item.photo_id},
    )
