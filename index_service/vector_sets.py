"""Vector sets: the one that serves, and a second one that is built beside it.

The vectors of both lie in one table, by fingerprint. Which set serves is written in `meta`;
whatever reads vectors names a fingerprint, so that those of the second set, and those that are left
over of earlier ones, are seen by nobody.
"""

import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from common import errors, vectors
from common.samples import Kind, Sample
from common.vector_sets import Lacking, Sets, VectorSet
from common.vectors import Floats
from index_service import reading
from index_service.changes import Meta

# What a vector takes beside its numbers: its row, its place in the index of rows, page ends.
ROW_BYTES = 160
SPARE_BYTES = 2**28
MIB = 2**20
SWEPT_AT_ONCE = 1_024


def sets(connection: sqlite3.Connection) -> Sets:
    """Return both sets as they are."""
    meta = reading.meta(connection)
    known = {one.fingerprint: one for one in _noted(connection)}
    serving = known.pop(meta.fingerprint, VectorSet(meta.fingerprint, meta.dimension))
    second = next(iter(known.values()), None)
    samples = int(connection.execute("SELECT COUNT(*) FROM samples").fetchone()[0])
    return Sets(serving, second, samples, _count(connection, second) if second else 0)


def dimension(connection: sqlite3.Connection, fingerprint: str) -> int:
    """Return the dimension noted of a set, 0 for one that is not noted."""
    row = connection.execute(
        "SELECT dimension FROM vector_sets WHERE fingerprint = ?", (fingerprint,)
    ).fetchone()
    return int(row[0]) if row else 0


def begin(connection: sqlite3.Connection, wanted: VectorSet, folder: Path) -> None:
    """Note a second set; of one that there is, model and embedder alone.

    Raises Mismatch for another one beside the second, for another dimension, and where the disk of
    `folder` has no room for it.
    """
    present = sets(connection)
    if wanted.fingerprint == present.serving.fingerprint:
        _check_same(wanted, present.serving)
    elif present.second:
        _check_second(wanted, present.second)
    else:
        check_room(folder, bytes_for(present.samples, wanted.dimension))
    connection.execute(
        "INSERT OR REPLACE INTO vector_sets (fingerprint, dimension, model, embedder)"
        " VALUES (?, ?, ?, ?)",
        (wanted.fingerprint, wanted.dimension, wanted.model, wanted.embedder),
    )


def _check_second(wanted: VectorSet, second: VectorSet) -> None:
    if second.fingerprint != wanted.fingerprint:
        raise errors.Mismatch(
            f"the library is being embedded anew with {second.model or second.fingerprint}: let "
            "that come to its end, or cancel it (`semapix reindex --cancel`)"
        )
    _check_same(wanted, second)


def _check_same(wanted: VectorSet, known: VectorSet) -> None:
    if wanted.dimension != known.dimension:
        raise errors.Mismatch(
            f"vectors of {wanted.model or wanted.fingerprint} have {known.dimension} dimensions "
            f"here, not {wanted.dimension}: one fingerprint is one model"
        )


def check_room(folder: Path, needed: int) -> None:
    """Raise Mismatch unless the disk of `folder` has room for that many bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise errors.Mismatch(
            f"the disk of {folder} has {free // MIB:,} MiB free; vectors of another model take"
            f" {needed // MIB:,} MiB, and {SPARE_BYTES // MIB} MiB are to stay free: make room"
        )


def bytes_for(samples: int, dimension: int) -> int:
    """Return what `samples` vectors take on the disk, their graphs included."""
    return samples * (2 * 4 * dimension + ROW_BYTES)


def lacking(
    connection: sqlite3.Connection, fingerprint: str, *, size: int, after: int = 0
) -> tuple[list[Lacking], int]:
    """Return `size` photos with samples that the set lacks, numbered above `after`.

    With them the number to go on after, 0 behind the last page.
    """
    photos = [
        row[0]
        for row in connection.execute(
            "SELECT number FROM photos WHERE number > ? AND EXISTS (SELECT 1 FROM samples"
            " WHERE photo = photos.number AND NOT EXISTS (SELECT 1 FROM vectors"
            " WHERE sample = samples.number AND fingerprint = ?)) ORDER BY number LIMIT ?",
            (after, fingerprint, size + 1),
        )
    ]
    shown = photos[:size]
    have = _numbered(connection, shown, fingerprint)
    found = reading.samples_of(connection, shown, list(Kind))
    pages = [_lacking(found[photo], have) for photo in shown]
    return pages, shown[-1] if len(photos) > size else 0


def _lacking(samples: Sequence[tuple[int, Sample]], have: frozenset[int]) -> Lacking:
    missing = tuple(sample for number, sample in samples if number not in have)
    return Lacking(missing[0].photo_id, missing)


def _numbered(
    connection: sqlite3.Connection, photos: Sequence[int], fingerprint: str
) -> frozenset[int]:
    """Return the numbers of the samples of `photos` that have a vector of that fingerprint."""
    rows = connection.execute(
        "SELECT sample FROM samples JOIN vectors ON sample = samples.number AND fingerprint = ?"
        " WHERE photo IN (SELECT value FROM json_each(?))",
        (fingerprint, json.dumps(list(photos))),
    )
    return frozenset(number for (number,) in rows)


def add(
    connection: sqlite3.Connection, fingerprint: str, made: Mapping[str, Floats]
) -> frozenset[str]:
    """Write vectors of the second set by sample id; return the ids of samples that there are.

    Raises Mismatch if the second set is another, InvalidInput for vectors of another dimension.
    """
    second = sets(connection).second
    if second is None or second.fingerprint != fingerprint:
        raise errors.Mismatch(f"no vectors of the fingerprint {fingerprint[:80]!r} are wanted now")
    for number, vector in enumerate(made.values()):
        if len(vector) != second.dimension:
            field, has = f"vectors[{number}].vector", f"has {len(vector)} dimensions"
            raise errors.InvalidInput(field, f"{has}, the set has {second.dimension}")
    numbers = dict(
        connection.execute(
            "SELECT sample_id, number FROM samples"
            " WHERE sample_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(made)),),
        ).fetchall()
    )
    connection.executemany(
        "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
        ((numbers[own], fingerprint, vectors.pack(made[own])) for own in made if own in numbers),
    )
    return frozenset(numbers)


def swap(connection: sqlite3.Connection, fingerprint: str, meta: Meta) -> bool:
    """Leave the set of `fingerprint` alone; return whether it did not serve already.

    Raises Mismatch unless it is the second set and has a vector of every sample.
    """
    if fingerprint == meta.fingerprint:
        return False
    present = sets(connection)
    if present.second is None or present.second.fingerprint != fingerprint:
        raise errors.Mismatch(f"there is no second vector set {fingerprint[:80]!r}")
    if left := present.samples - present.done:
        raise errors.Mismatch(f"{left} samples lack a vector of the second set")
    connection.execute("DELETE FROM vector_sets WHERE fingerprint <> ?", (fingerprint,))
    return True


def drop(connection: sqlite3.Connection, fingerprint: str) -> None:
    """Give the second set up, if it is that one; what it has is swept away later."""
    second = sets(connection).second
    if second and second.fingerprint == fingerprint:
        connection.execute("DELETE FROM vector_sets WHERE fingerprint = ?", (fingerprint,))


def sweep(connection: sqlite3.Connection) -> int:
    """Delete some vectors of sets that there are no more; return how many."""
    cursor = connection.execute(
        "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors WHERE fingerprint NOT IN"
        " (SELECT fingerprint FROM vector_sets UNION SELECT fingerprint FROM meta) LIMIT ?)",
        (SWEPT_AT_ONCE,),
    )
    return cursor.rowcount


def _noted(connection: sqlite3.Connection) -> list[VectorSet]:
    rows = connection.execute("SELECT fingerprint, dimension, model, embedder FROM vector_sets")
    return [VectorSet(*row) for row in rows]


def _count(connection: sqlite3.Connection, one: VectorSet) -> int:
    query = "SELECT COUNT(*) FROM vectors WHERE fingerprint = ?"
    return int(connection.execute(query, (one.fingerprint,)).fetchone()[0])
