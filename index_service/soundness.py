"""What can be wrong with a catalogue, and what of it can be repaired without losing anything."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from common.samples import Kind, Stage, stage_of
from common.vectors import UNIT_TOLERANCE
from index_service import reading
from index_service.changes import Meta
from index_service.graph import GraphIndex
from index_service.indices import View, rows_of

CHUNK = 2_048


class Trouble(IntEnum):
    """What is wrong; the numbers are those of the protos."""

    CATALOGUE = 1
    VECTOR = 2
    WHOLE = 3
    GRAPH = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `stage` is the one to do again where that mends it, `table` the one to sweep.
    """

    trouble: Trouble
    photo_id: str
    message: str
    stage: Stage | None = None
    table: str = ""
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """How many photos were looked at, and what was found since the last report."""

    done: int
    total: int
    findings: tuple[Finding, ...] = ()


def of_catalogue(connection: sqlite3.Connection) -> Iterator[Looked]:
    """Yield what is wrong with the file, then with each photo, in chunks of photos."""
    meta = reading.meta(connection)
    total = int(connection.execute("SELECT COUNT(*) FROM photos").fetchone()[0])
    yield Looked(0, total, tuple(_of_file(connection)))
    photos = connection.execute("SELECT number, photo_id FROM photos ORDER BY number")
    done = 0
    while chunk := photos.fetchmany(CHUNK):
        done += len(chunk)
        yield Looked(done, total, tuple(_of_photos(connection, dict(chunk), meta)))


def of_memory(connection: sqlite3.Connection, view: View) -> list[Finding]:
    """Return the kinds whose vectors or graph are not as the catalogue has them.

    Both must be of one revision.
    """
    messages = (_kind_trouble(connection, kind, view) for kind in Kind)
    return [Finding(Trouble.GRAPH, "", message) for message in messages if message]


def _of_file(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (message,) in connection.execute("PRAGMA integrity_check(100)"):
        if message != "ok":
            yield Finding(Trouble.CATALOGUE, "", f"{message}: put a backup in its place")
    lost = Counter((row[0], row[2]) for row in connection.execute("PRAGMA foreign_key_check"))
    for (table, parent), count in lost.items():
        sentence = f"{count} rows of {table} belong to rows of {parent} that are gone"
        yield Finding(Trouble.CATALOGUE, "", sentence, table=table)


def sweep(connection: sqlite3.Connection, table: str) -> None:
    """Delete the rows of a table that belong to rows which are gone."""
    for _, _, parent, column, key, *_ in connection.execute(
        f"PRAGMA foreign_key_list({table})"
    ).fetchall():
        connection.execute(
            f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {parent})"
        )


def _of_photos(
    connection: sqlite3.Connection, photos: dict[int, str], meta: Meta
) -> Iterator[Finding]:
    whole = set()
    rows = connection.execute(
        "SELECT photo, kind, vector FROM samples"
        " LEFT JOIN vectors ON vectors.sample = samples.number AND fingerprint = ?"
        " WHERE photo IN (SELECT value FROM json_each(?))",
        (meta.fingerprint, json.dumps(list(photos))),
    )
    bad: dict[tuple[int, Stage], str] = {}
    for photo, kind, vector in rows:
        stage, wrong = stage_of(Kind(kind)), _wrong(vector, meta.dimension)
        if wrong:
            bad.setdefault((photo, stage), wrong)
        if stage is Stage.WHOLE:
            whole.add(photo)
    for (photo, stage), wrong in bad.items():
        message = f"a sample of its stage {stage.name} has {wrong}: the stage is to be done again"
        yield Finding(Trouble.VECTOR, photos[photo], message, stage)
    for photo in photos.keys() - whole:
        message = "it has no vector of the whole photo and is not found"
        yield Finding(Trouble.WHOLE, photos[photo], message, Stage.WHOLE)


def _wrong(vector: bytes | None, dimension: int) -> str:
    """Return what is wrong with a stored vector, "" for nothing."""
    if vector is None:
        return "no vector"
    if len(vector) != 4 * dimension:
        return f"a vector of {len(vector)} bytes, not of {dimension} dimensions"
    length = float(np.linalg.norm(np.frombuffer(vector, dtype="<f4").astype(np.float64)))
    return "" if abs(length - 1) <= UNIT_TOLERANCE else f"a vector of length {length:.3g}, not 1"


def _kind_trouble(connection: sqlite3.Connection, kind: Kind, view: View) -> str:
    """Return how what is searched of a kind differs from the catalogue, "" where it does not."""
    index, name = view.indices.get(kind), kind.name.lower()
    held = rows_of(index).chunks(CHUNK) if index else iter(())
    for stored in reading.vector_rows(connection, kind, view.meta, chunk=CHUNK):
        numbers, _, _, blobs = zip(*stored, strict=True)
        rows = next(held, None)
        if rows is None or not np.array_equal(rows.numbers, numbers):
            return f"not the samples of {name} are searched that the catalogue has"
        if rows.vectors.astype("<f4").tobytes() != b"".join(blobs):
            return f"vectors of {name} are not searched as the catalogue has them"
    if more := sum(len(rows) for rows in held):
        return f"{more} samples of {name} are searched that the catalogue lacks"
    if isinstance(index, GraphIndex) and not _covers(index):
        return f"the graph of {name} holds other vectors than the catalogue"
    return ""


def _covers(index: GraphIndex) -> bool:
    return index.graph.members.cover(index.rows.chunks(CHUNK, last=index.graph.last))
