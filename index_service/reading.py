"""What can be read from the catalogue; each function takes a connection in a transaction."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from common.samples import Box, Entry, Kind, PhotoFacts, Sample, Stage, StageRecord
from index_service import facts_rows
from index_service.changes import Meta, VectorSample

PhotoRow = Sequence[Any]
_SAMPLE = (
    "sample_id, photos.photo_id, kind, label, x, y, samples.width, samples.height, confidence, text"
)


def meta(connection: sqlite3.Connection) -> Meta:
    """Return revision, fingerprint and dimension."""
    row = connection.execute("SELECT revision, fingerprint, dimension FROM meta").fetchone()
    return Meta(*row)


def entries(
    connection: sqlite3.Connection, photo_ids: Sequence[str], *, with_samples: bool
) -> dict[str, Entry]:
    """Return the entries of those photos that are known, by photo id."""
    rows = connection.execute(
        f"SELECT number, {facts_rows.COLUMNS} FROM photos"
        " WHERE photo_id IN (SELECT value FROM json_each(?))",
        (json.dumps(photo_ids),),
    ).fetchall()
    numbers = [row[0] for row in rows]
    samples = samples_of(connection, numbers, list(Kind)) if with_samples else {}
    found = without_samples(connection, rows)
    return {
        entry.facts.photo_id: Entry(
            entry.facts, tuple(sample for _, sample in samples.get(number, ())), entry.stages
        )
        for number, entry in zip(numbers, found, strict=True)
    }


def facts_of(connection: sqlite3.Connection, photos: Iterable[int]) -> dict[int, PhotoFacts]:
    """Return the facts of those photos that there are, by their numbers."""
    numbers = json.dumps(list(photos))
    sources = _sources(connection, numbers)
    rows = connection.execute(
        f"SELECT number, {facts_rows.COLUMNS} FROM photos"
        " WHERE number IN (SELECT value FROM json_each(?))",
        (numbers,),
    )
    return {row[0]: facts_rows.facts_from(row[1:], sources[row[0]]) for row in rows}


def without_samples(connection: sqlite3.Connection, rows: Sequence[PhotoRow]) -> list[Entry]:
    """Return the entries of rows of `photos`, number first, in their order."""
    numbers = json.dumps([row[0] for row in rows])
    sources, stages = _sources(connection, numbers), _stages(connection, numbers)
    return [
        Entry(
            facts_rows.facts_from(row[1:], sources[row[0]]),
            stages=tuple(stages[row[0]]),
        )
        for row in rows
    ]


def _sources(connection: sqlite3.Connection, numbers: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for photo, source in connection.execute(
        "SELECT photo, source FROM sources"
        " WHERE photo IN (SELECT value FROM json_each(?)) ORDER BY number",
        (numbers,),
    ):
        found[photo].append(source)
    return found


def _stages(connection: sqlite3.Connection, numbers: str) -> dict[int, list[StageRecord]]:
    found: dict[int, list[StageRecord]] = defaultdict(list)
    for photo, stage, model, error in connection.execute(
        "SELECT photo, stage, model, error FROM stages"
        " WHERE photo IN (SELECT value FROM json_each(?)) ORDER BY stage",
        (numbers,),
    ):
        found[photo].append(StageRecord(Stage(stage), model, error))
    return found


def samples_of(
    connection: sqlite3.Connection, photos: Iterable[int], kinds: Collection[Kind]
) -> dict[int, list[tuple[int, Sample]]]:
    """Return (number, sample) by number of photo: by kind, the most confident first."""
    found: dict[int, list[tuple[int, Sample]]] = defaultdict(list)
    for number, photo, *columns in connection.execute(
        f"SELECT samples.number, photo, {_SAMPLE} FROM samples"
        " JOIN photos ON photos.number = photo"
        " WHERE photo IN (SELECT value FROM json_each(?))"
        " AND kind IN (SELECT value FROM json_each(?))"
        " ORDER BY photo, kind, confidence DESC, samples.number",
        (json.dumps(list(photos)), json.dumps([int(kind) for kind in kinds])),
    ):
        found[photo].append((number, _sample(columns)))
    return found


def _sample(columns: Sequence[object]) -> Sample:
    sample_id, photo_id, kind, label, x, y, width, height, confidence, text = columns
    box = Box(x, y, width, height)  # type: ignore[arg-type]
    return Sample(sample_id, photo_id, Kind(kind), label, box, confidence, text)  # type: ignore[arg-type]


def photo_numbers(connection: sqlite3.Connection, photo_ids: Sequence[str]) -> list[int]:
    """Return the numbers of those photos that are known, in no order."""
    rows = connection.execute(
        "SELECT number FROM photos WHERE photo_id IN (SELECT value FROM json_each(?))",
        (json.dumps(photo_ids),),
    )
    return [number for (number,) in rows]


def photo_names(connection: sqlite3.Connection) -> dict[int, str]:
    """Return the id of every photo by its number."""
    return dict(connection.execute("SELECT number, photo_id FROM photos"))


def vector_count(connection: sqlite3.Connection, kinds: Collection[Kind]) -> int:
    """Return how many samples `kinds` have."""
    row = connection.execute(
        "SELECT COUNT(*) FROM samples WHERE kind IN (SELECT value FROM json_each(?))",
        (json.dumps([int(kind) for kind in kinds]),),
    ).fetchone()
    return int(row[0])


def mark(connection: sqlite3.Connection) -> int:
    """Return the greatest number that a sample ever had; later ones have greater numbers."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'samples'").fetchone()
    return int(row[0]) if row else 0


def counts_since(connection: sqlite3.Connection, mark: int) -> dict[Kind, int]:
    """Return how many samples of each kind came after `mark`; kinds without any are left out."""
    rows = connection.execute(
        "SELECT kind, COUNT(*) FROM samples NOT INDEXED WHERE number > ? GROUP BY kind", (mark,)
    )
    return {Kind(kind): count for kind, count in rows}


def vector_samples(
    connection: sqlite3.Connection, kinds: Collection[Kind], *, chunk: int
) -> Generator[list[VectorSample], None, None]:
    """Yield up to `chunk` samples with their vectors at a time, in the order of sample ids."""
    # The + keeps SQLite from choosing the index by kind, whose rows it would have to sort.
    cursor = connection.execute(
        f"SELECT vector, {_SAMPLE} FROM samples"
        " JOIN photos ON photos.number = photo JOIN vectors ON vectors.sample = samples.number"
        " WHERE +kind IN (SELECT value FROM json_each(?))"
        " AND fingerprint = (SELECT fingerprint FROM meta) ORDER BY sample_id",
        (json.dumps([int(kind) for kind in kinds]),),
    )
    while rows := cursor.fetchmany(chunk):
        yield [
            VectorSample(_sample(columns), np.frombuffer(vector, dtype="<f4"))
            for vector, *columns in rows
        ]


def vector_rows(
    connection: sqlite3.Connection, kind: Kind, meta: Meta, *, chunk: int = 2_048
) -> Iterator[list[tuple[int, int, float, bytes]]]:
    """Yield (number, photo, confidence, vector) of one kind by rising number, in chunks.

    Samples without a vector of the library's dimension are left out; see soundness.py.
    """
    cursor = connection.execute(
        "SELECT samples.number, photo, confidence, vector FROM samples"
        " JOIN vectors ON vectors.sample = samples.number AND fingerprint = ?"
        " WHERE kind = ? AND length(vector) = ? ORDER BY samples.number",
        (meta.fingerprint, int(kind), 4 * meta.dimension),
    )
    while rows := cursor.fetchmany(chunk):
        yield rows
