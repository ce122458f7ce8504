"""The catalogue as its single writer sees it: changes in, committed, effects out."""

import contextlib
import dataclasses
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from common import errors, imports, vectors
from common.imports import Item
from common.samples import Kind, Sample, Stage, StageRecord, stage_of
from index_service import checks, disk, facts_rows, import_rows, reading, trash, vector_sets
from index_service.changes import (
    AddedSample,
    Change,
    Delete,
    Effects,
    Meta,
    Note,
    Outcome,
    Put,
    Redo,
    Swap,
    Trash,
    Untrash,
    VectorSample,
)

OnSwap = Callable[[sqlite3.Connection], None]


class Catalogue:
    """Applies changes, many in one commit, so that one flush to disk serves them all."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / disk.CATALOGUE
        self._connection = disk.writer(folder)

    def close(self) -> None:
        """Close the connection; what is committed stays."""
        self._connection.close()

    def apply(
        self, changes: Sequence[Change], *, on_swap: OnSwap = lambda _: None
    ) -> tuple[list[Outcome], Effects, Meta]:
        """Return how each change fared, what all of them did, and the library afterwards.

        All that succeeded are on disk on return; one that fails leaves no trace and does not
        hinder the others. When this raises, none of them happened. `on_swap` is called before the
        end of a transaction in which other vectors began to serve; what it raises undoes it.
        """
        effects, outcomes = Effects(), []
        with disk.sound(self._path), _transaction(self._connection):
            meta = reading.meta(self._connection)
            for change in changes:
                outcome, meta = self._applied(change, meta, effects)
                outcomes.append(outcome)
            _store_meta(self._connection, meta)
            if effects.swapped:
                on_swap(self._connection)
        return outcomes, effects, meta

    def _applied(self, change: Change, meta: Meta, effects: Effects) -> tuple[Outcome, Meta]:
        own = Effects()
        later = 0 if isinstance(change, Note) else 1
        after = dataclasses.replace(meta, revision=meta.revision + later)
        try:
            with _savepoint(self._connection):
                created = _made(self._connection, change, meta=meta, effects=own)
                after = _fixed(self._connection, after, change)
        except errors.SemapixError as error:
            return Outcome(meta.revision, error=error), meta
        effects.take(own)
        return Outcome(after.revision, created), after


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("SAVEPOINT change")
    try:
        yield
    except errors.SemapixError:
        connection.execute("ROLLBACK TO change")
        raise
    finally:
        # After another error SQLite may have ended the transaction, and the savepoint with it.
        if connection.in_transaction:
            connection.execute("RELEASE change")


def _store_meta(connection: sqlite3.Connection, meta: Meta) -> None:
    connection.execute(
        "UPDATE meta SET revision = ?, fingerprint = ?, dimension = ?", dataclasses.astuple(meta)
    )


def _fixed(connection: sqlite3.Connection, meta: Meta, change: Change) -> Meta:
    """Return `meta` with the model of the first vector there is, or of the set that serves now."""
    if isinstance(change, Swap):
        dimension = vector_sets.dimension(connection, change.fingerprint) or meta.dimension
        return dataclasses.replace(meta, fingerprint=change.fingerprint, dimension=dimension)
    if meta.fingerprint or not isinstance(change, Put) or not change.samples:
        return meta
    dimension = checks.dimension_of(change, meta)
    return dataclasses.replace(meta, fingerprint=change.fingerprint, dimension=dimension)


def _made(connection: sqlite3.Connection, change: Change, *, meta: Meta, effects: Effects) -> bool:
    """Make one change; return whether it brought a new photo. Raises what the change may raise."""
    match change:
        case Put():
            return _put(connection, change, meta=meta, effects=effects)
        case Delete():
            _delete(connection, change, effects)
        case Trash(photo_id, at_s):
            effects.gone += trash.put_in(connection, photo_id, at_s)
        case Untrash(photo_id):
            trash.take_out(connection, photo_id, meta, effects)
        case Redo():
            _redo(connection, change, effects)
        case Note(write):
            write(connection)
        case Swap(fingerprint):
            effects.swapped = vector_sets.swap(connection, fingerprint, meta)
    return False


def _delete(connection: sqlite3.Connection, change: Delete, effects: Effects) -> None:
    photo_id = change.photo_id
    photo = None if change.only_trashed else _photo_number(connection, photo_id)
    if photo is None:
        if not trash.drop(connection, photo_id):
            raise errors.NotFound(f"no photo {photo_id}")
        return
    rows = connection.execute("SELECT kind, number FROM samples WHERE photo = ?", (photo,))
    effects.gone += [(Kind(kind), number) for kind, number in rows]
    connection.execute("DELETE FROM photos WHERE number = ?", (photo,))


def _redo(connection: sqlite3.Connection, change: Redo, effects: Effects) -> None:
    photo = _photo_number(connection, change.photo_id)
    if photo is None:
        raise errors.NotFound(f"no photo {change.photo_id}")
    for stage in change.stages:
        effects.gone += _drop_samples(connection, photo, stage)
        connection.execute("DELETE FROM stages WHERE photo = ? AND stage = ?", (photo, int(stage)))


def _put(connection: sqlite3.Connection, put: Put, *, meta: Meta, effects: Effects) -> bool:
    """Write one photo; return whether it is new. Raises InvalidInput or Mismatch."""
    known = _photo_number(connection, put.facts.photo_id)
    checks.check(put, meta, known=known is not None)
    photo = known or _insert_photo(connection, put)
    if known is None:
        trash.drop(connection, put.facts.photo_id)
        _count_added(connection, put)
    effects.photos[photo] = put.facts.photo_id
    for source in put.facts.sources:
        connection.execute(
            "INSERT OR IGNORE INTO sources (photo, source)"
            " SELECT :photo, :source"
            " WHERE (SELECT COUNT(*) FROM sources WHERE photo = :photo) < :most",
            {"photo": photo, "source": source, "most": facts_rows.MAX_SOURCES},
        )
    for record in put.stages:
        effects.gone += _end_stage(connection, photo, record)
    for number, item in enumerate(put.samples):
        _check_free(connection, item.sample, f"{put.path}.samples[{number}].sample.sample_id")
        added = _insert_sample(connection, photo, item, fingerprint=put.fingerprint)
        effects.added.append(AddedSample(added, photo, item))
    return known is None


def _count_added(connection: sqlite3.Connection, put: Put) -> None:
    source = put.facts.sources[0] if put.facts.sources else ""
    item = Item(source, put.facts.photo_id, imports.Outcome.ADDED)
    import_rows.record_added(connection, put.import_id, item, put.facts.imported_at_s)


def _photo_number(connection: sqlite3.Connection, photo_id: str) -> int | None:
    row = connection.execute("SELECT number FROM photos WHERE photo_id = ?", (photo_id,)).fetchone()
    return row[0] if row else None


def _insert_photo(connection: sqlite3.Connection, put: Put) -> int:
    cursor = connection.execute(facts_rows.INSERT, facts_rows.values_of(put.facts))
    return int(cursor.lastrowid or 0)


def _end_stage(
    connection: sqlite3.Connection, photo: int, record: StageRecord
) -> list[tuple[Kind, int]]:
    """Record that a stage is over; return the samples that it had made and that are gone now."""
    gone = _drop_samples(connection, photo, record.stage)
    connection.execute(
        "INSERT OR REPLACE INTO stages (photo, stage, model, error) VALUES (?, ?, ?, ?)",
        (photo, int(record.stage), record.model, record.error),
    )
    return gone


def _drop_samples(
    connection: sqlite3.Connection, photo: int, stage: Stage
) -> list[tuple[Kind, int]]:
    gone = []
    for kind in _kinds_of(stage):
        rows = connection.execute(
            "DELETE FROM samples WHERE photo = ? AND kind = ? RETURNING number", (photo, int(kind))
        ).fetchall()
        gone += [(kind, number) for (number,) in rows]
    return gone


def _kinds_of(stage: Stage) -> list[Kind]:
    return [kind for kind in Kind if stage_of(kind) is stage]


def _check_free(connection: sqlite3.Connection, sample: Sample, field: str) -> None:
    taken = "SELECT 1 FROM samples WHERE sample_id = ?"
    if connection.execute(taken, (sample.sample_id,)).fetchone():
        raise errors.InvalidInput(field, f"{sample.sample_id} belongs to another sample")


def _insert_sample(
    connection: sqlite3.Connection, photo: int, item: VectorSample, *, fingerprint: str
) -> int:
    sample, box = item.sample, item.sample.box
    values = (sample.label, *dataclasses.astuple(box), sample.confidence, sample.text)
    cursor = connection.execute(
        "INSERT INTO samples (sample_id, photo, kind, label, x, y, width, height, confidence, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (sample.sample_id, photo, int(sample.kind), *values),
    )
    number = int(cursor.lastrowid or 0)
    blob = vectors.pack(item.vector)
    connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (number, fingerprint, blob))
    return number
