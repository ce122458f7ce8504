"""What can be read of imports; each function takes a connection in a transaction."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from common import errors
from common.imports import ImportRecord, ImportState, Item, Outcome, Rejection
from common.samples import Reason, Stage

_IMPORT = (
    "import_id, state, label, paths, in_place, total, total_bytes, added, duplicate, rejected,"
    " failed, created_at_s, changed_at_s"
)
_REJECTION = "number, source, photo_id, reason, message, import_id, rejected_at_s"


@dataclass(frozen=True, slots=True)
class RejectionPage:
    """Part of the list of the rejected, newest first, and the length of the whole."""

    rejections: list[Rejection]
    next_token: str
    total: int


def import_record(connection: sqlite3.Connection, import_id: str) -> ImportRecord:
    """Return one import. Raises NotFound."""
    row = connection.execute(
        f"SELECT {_IMPORT} FROM imports WHERE import_id = ?", (import_id,)
    ).fetchone()
    if row is None:
        raise errors.NotFound(f"there is no import {import_id}")
    return _record(row)


def import_records(
    connection: sqlite3.Connection, *, size: int, token: str, state: ImportState | None
) -> tuple[list[ImportRecord], str]:
    """Return a page of imports, newest first, and the token of the next. Raises InvalidInput."""
    rows = connection.execute(
        f"SELECT {_IMPORT}, number FROM imports"
        " WHERE number < :before AND (:state = 0 OR state = :state)"
        " ORDER BY number DESC LIMIT :size",
        {"before": _before(token), "state": int(state or 0), "size": size + 1},
    ).fetchall()
    more = len(rows) > size
    token = str(rows[size - 1][-1]) if more else ""
    return [_record(row[:-1]) for row in rows[:size]], token


def looked_up(connection: sqlite3.Connection, import_id: str, items: Sequence[Item]) -> list[Item]:
    """Return each item as it is settled: by this import, or as a photo that the library has."""
    return [_settled(connection, import_id, item) for item in items]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the rejected to list: those of an import, of photos; "" and none are all."""

    import_id: str = ""
    photo_ids: tuple[str, ...] = ()


def rejections(
    connection: sqlite3.Connection, wanted: Wanted, *, size: int, token: str
) -> RejectionPage:
    """Return a page of the rejected. Raises InvalidInput for a token that is none."""
    mine = "(:import_id = '' OR import_id = :import_id)"
    if wanted.photo_ids:
        mine += " AND photo_id IN (SELECT value FROM json_each(:ids))"
    named = {"import_id": wanted.import_id, "ids": json.dumps(wanted.photo_ids)}
    rows = connection.execute(
        f"SELECT {_REJECTION} FROM rejections WHERE number < :before AND {mine}"
        " ORDER BY number DESC LIMIT :size",
        named | {"before": _before(token), "size": size + 1},
    ).fetchall()
    total = connection.execute(f"SELECT COUNT(*) FROM rejections WHERE {mine}", named).fetchone()[0]
    token = str(rows[size - 1][0]) if len(rows) > size else ""
    return RejectionPage([_rejection(row) for row in rows[:size]], token, total)


def rejections_of(connection: sqlite3.Connection, rejection_ids: Sequence[int]) -> RejectionPage:
    """Return those of the rejections that are on the list."""
    rows = connection.execute(
        f"SELECT {_REJECTION} FROM rejections"
        " WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number DESC",
        (json.dumps(list(rejection_ids)),),
    ).fetchall()
    return RejectionPage([_rejection(row) for row in rows], "", len(rows))


def unnamed(connection: sqlite3.Connection, photo_ids: Sequence[str]) -> list[str]:
    """Return those of the photo ids that no rejection names."""
    rows = connection.execute(
        "SELECT DISTINCT value FROM json_each(?) WHERE value <> ''"
        " AND NOT EXISTS (SELECT 1 FROM rejections WHERE photo_id = value)",
        (json.dumps(list(photo_ids)),),
    )
    return [value for (value,) in rows]


def missing(connection: sqlite3.Connection, stage: Stage) -> int:
    """Return how many photos lack the stage, or are to have it done again."""
    row = connection.execute(
        "SELECT (SELECT COUNT(*) FROM photos)"
        " - (SELECT COUNT(*) FROM stages WHERE stage = ? AND NOT redo)",
        (int(stage),),
    ).fetchone()
    return int(row[0])


def _settled(connection: sqlite3.Connection, import_id: str, item: Item) -> Item:
    row = connection.execute(
        "SELECT outcome FROM import_items JOIN imports ON number = import"
        " WHERE import_id = ? AND source = ? AND photo_id = ?",
        (import_id, item.source, item.photo_id),
    ).fetchone()
    outcome = Outcome(row[0]) if row else None
    if outcome is Outcome.REJECTED:
        return _rejected(connection, item)
    if outcome is Outcome.UNPACKED:
        return replace(item, outcome=outcome)
    known = connection.execute(
        "SELECT 1 FROM photos WHERE photo_id = ?", (item.photo_id,)
    ).fetchone()
    if not known:
        return replace(item, outcome=None)
    return replace(item, outcome=Outcome.ADDED if outcome is Outcome.ADDED else Outcome.DUPLICATE)


def _rejected(connection: sqlite3.Connection, item: Item) -> Item:
    """Return the item with what the list says of it; one that was taken off it is tried again."""
    row = connection.execute(
        "SELECT reason, message FROM rejections WHERE source = ? AND photo_id = ?",
        (item.source, item.photo_id),
    ).fetchone()
    if row is None:
        return replace(item, outcome=None)
    return replace(item, outcome=Outcome.REJECTED, reason=Reason(row[0]), message=row[1])


def _record(row: Sequence[Any]) -> ImportRecord:
    import_id, state, label, paths, in_place, *counts = row
    return ImportRecord(
        import_id, ImportState(state), label, tuple(json.loads(paths)), bool(in_place), *counts
    )


def _rejection(row: Sequence[Any]) -> Rejection:
    number, source, photo_id, reason, *rest = row
    return Rejection(number, source, photo_id, Reason(reason), *rest)


def _before(token: str) -> int:
    if not token:
        return 2**62
    if not token.isdecimal() or len(token) > 18:
        raise errors.InvalidInput("page_token", "is not one that this service gave")
    return int(token)
