"""The photos in the order of their import, page by page; and how many there are of what."""

import base64
import binascii
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from common import errors
from common.codec import checked_photo_id
from common.samples import Entry, Kind, Stage
from index_service import facts_rows, reading
from index_service.changes import Meta

MAX_TIME_S = 2**63 - 1
_LACKING = " NOT EXISTS (SELECT 1 FROM stages WHERE photo = number AND stage = :stage AND NOT redo)"


@dataclass(frozen=True, slots=True)
class Listing:
    """Which photos to page through; `stage` leaves only those for which it is not over.

    `skip` photos behind the token are left out first.
    """

    size: int = 100
    token: str = ""
    stage: Stage | None = None
    oldest_first: bool = False
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, the token of the next ("" on the last), and the whole's length."""

    entries: list[Entry]
    next_token: str
    total: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What a library holds; `missing` are photos for which a stage is neither done nor failed.

    `since`: samples that came after each mark asked about.
    """

    meta: Meta
    photos: int
    samples: dict[Kind, int]
    missing: dict[Stage, int]
    failed: dict[Stage, int]
    since: tuple[dict[Kind, int], ...] = ()


def page(connection: sqlite3.Connection, listing: Listing) -> Page:
    """Return the page after `listing.token`. Raises InvalidInput for a token of another listing."""
    comparison, order = (">", "ASC") if listing.oldest_first else ("<", "DESC")
    time_s, photo_id = _read_token(listing) if listing.token else (0, "")
    filters = [_LACKING] if listing.stage else []
    if listing.token:
        filters.append(f" (imported_at_s, photo_id) {comparison} (:time_s, :photo_id)")
    found = connection.execute(
        f"SELECT number, {facts_rows.COLUMNS} FROM photos{_where(filters)}"
        f" ORDER BY imported_at_s {order}, photo_id {order} LIMIT :size OFFSET :skip",
        {
            "stage": listing.stage,
            "time_s": time_s,
            "photo_id": photo_id,
            "size": listing.size + 1,
            "skip": listing.skip,
        },
    ).fetchall()
    entries = reading.without_samples(connection, found[: listing.size])
    more = len(found) > listing.size
    token = _token(listing, entries[-1]) if more else ""
    return Page(entries, token, _total(connection, listing))


def stats(connection: sqlite3.Connection, marks: Sequence[int] = ()) -> Stats:
    """Return what the library holds, and which samples came after each of `marks`."""
    photos = connection.execute("SELECT COUNT(*) FROM photos").fetchone()[0]
    samples = dict(connection.execute("SELECT kind, COUNT(*) FROM samples GROUP BY kind"))
    over = dict.fromkeys(Stage, 0)
    failed = dict.fromkeys(Stage, 0)
    for stage, of_them_failed, count in connection.execute(
        "SELECT stage, error <> '', COUNT(*) FROM stages WHERE NOT redo GROUP BY 1, 2"
    ):
        over[Stage(stage)] += count
        failed[Stage(stage)] += count if of_them_failed else 0
    return Stats(
        reading.meta(connection),
        photos,
        samples={kind: samples.get(int(kind), 0) for kind in Kind},
        missing={stage: photos - count for stage, count in over.items()},
        failed=failed,
        since=tuple(reading.counts_since(connection, mark) for mark in marks),
    )


def _where(filters: list[str]) -> str:
    return " WHERE" + " AND".join(filters) if filters else ""


def _total(connection: sqlite3.Connection, listing: Listing) -> int:
    query = f"SELECT COUNT(*) FROM photos{_where([_LACKING] if listing.stage else [])}"
    return int(connection.execute(query, {"stage": listing.stage}).fetchone()[0])


def _mark(listing: Listing) -> str:
    """Return what tells this listing from others: a page of another one would skip photos."""
    return f"{int(listing.oldest_first)}{int(listing.stage or 0)}"


def _token(listing: Listing, last: Entry) -> str:
    plain = f"{_mark(listing)} {last.facts.imported_at_s} {last.facts.photo_id}"
    return base64.urlsafe_b64encode(plain.encode()).decode()


def _read_token(listing: Listing) -> tuple[int, str]:
    try:
        plain = base64.b64decode(listing.token.encode(), b"-_", validate=True).decode()
        mark, time_s, photo_id = plain.split(" ")
        found = int(time_s), checked_photo_id(photo_id, "page_token")
    except (binascii.Error, ValueError):
        raise errors.InvalidInput("page_token", "is not one that this service gave") from None
    if abs(found[0]) > MAX_TIME_S:
        raise errors.InvalidInput("page_token", "names a time that there is not")
    if mark != _mark(listing):
        raise errors.InvalidInput(
            "page_token", "belongs to a listing of another order or missing stage"
        )
    return found
