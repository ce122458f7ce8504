"""The tables of the catalogue, and how an older catalogue becomes a newer one."""

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from common import errors

_FIRST = """
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    dimension INTEGER NOT NULL
);
INSERT INTO meta VALUES (1, 0, '', 0);
CREATE TABLE photos (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id TEXT NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    format TEXT NOT NULL,
    imported_at_s INTEGER NOT NULL
);
CREATE INDEX photos_by_time ON photos (imported_at_s, photo_id);
CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
    source TEXT NOT NULL,
    UNIQUE (photo, source)
);
CREATE TABLE stages (
    photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
    stage INTEGER NOT NULL,
    model TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (photo, stage)
) WITHOUT ROWID;
CREATE TABLE samples (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id TEXT NOT NULL UNIQUE,
    photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    label TEXT NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    confidence REAL NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX samples_by_photo ON samples (photo, kind);
CREATE INDEX samples_by_kind ON samples (kind);
CREATE TABLE vectors (
    sample INTEGER NOT NULL REFERENCES samples (number) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (sample, fingerprint)
);
"""
_SECOND = """
-- What the file of a photo tells of its taking (NULL: nothing), and what it looks like.
ALTER TABLE photos ADD COLUMN taken_at_s INTEGER;
ALTER TABLE photos ADD COLUMN taken_offset_min INTEGER;
ALTER TABLE photos ADD COLUMN camera_make TEXT NOT NULL DEFAULT '';
ALTER TABLE photos ADD COLUMN camera_model TEXT NOT NULL DEFAULT '';
ALTER TABLE photos ADD COLUMN latitude REAL;
ALTER TABLE photos ADD COLUMN longitude REAL;
ALTER TABLE photos ADD COLUMN perceptual_hash TEXT NOT NULL DEFAULT '';
-- The pixels of a photo, of which file ever, and how sharp they are.
ALTER TABLE photos ADD COLUMN pixel_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE photos ADD COLUMN sharpness REAL NOT NULL DEFAULT 0;
-- Photos that were removed and can come back: each of their rows, of any table, as JSON.
CREATE TABLE trash (
    photo_id TEXT PRIMARY KEY,
    trashed_at_s INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE trashed_rows (
    photo_id TEXT NOT NULL REFERENCES trash (photo_id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    origin TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (photo_id, place)
);
-- Labels whatever their case, and the letters of what was read, three by three.
CREATE INDEX samples_by_label ON samples (label COLLATE NOCASE, photo);
CREATE VIRTUAL TABLE read_texts USING fts5(
    text, content = 'samples', content_rowid = 'number', tokenize = 'trigram'
);
INSERT INTO read_texts (rowid, text) SELECT number, text FROM samples WHERE kind = 8;
CREATE TRIGGER text_read AFTER INSERT ON samples WHEN new.kind = 8 BEGIN
    INSERT INTO read_texts (rowid, text) VALUES (new.number, new.text);
END;
CREATE TRIGGER text_gone AFTER DELETE ON samples WHEN old.kind = 8 BEGIN
    INSERT INTO read_texts (read_texts, rowid, text) VALUES ('delete', old.number, old.text);
END;
-- A stage that is over and is to be done again.
ALTER TABLE stages ADD COLUMN redo INTEGER NOT NULL DEFAULT 0;
-- Imports, what they settled as long as they may go on, and what was rejected.
CREATE TABLE imports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    import_id TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    state INTEGER NOT NULL,
    paths TEXT NOT NULL,
    in_place INTEGER NOT NULL,
    total INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    added INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_at_s INTEGER NOT NULL,
    changed_at_s INTEGER NOT NULL
);
CREATE TABLE import_items (
    import INTEGER NOT NULL REFERENCES imports (number) ON DELETE CASCADE,
    source TEXT NOT NULL,
    photo_id TEXT NOT NULL,
    outcome INTEGER NOT NULL,
    PRIMARY KEY (import, source, photo_id)
) WITHOUT ROWID;
CREATE TABLE rejections (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    photo_id TEXT NOT NULL,
    reason INTEGER NOT NULL,
    message TEXT NOT NULL,
    import_id TEXT NOT NULL,
    rejected_at_s INTEGER NOT NULL
);
CREATE INDEX rejections_by_source ON rejections (source, photo_id);
CREATE INDEX rejections_by_photo ON rejections (photo_id);
-- Vector sets: the one that serves, whose fingerprint is that of `meta`, and one being built.
CREATE TABLE vector_sets (
    fingerprint TEXT PRIMARY KEY,
    dimension INTEGER NOT NULL,
    model TEXT NOT NULL,
    embedder TEXT NOT NULL
) WITHOUT ROWID;
"""
# Each step leads from the version of its place to the next; the last one leads to today's.
STEPS: tuple[str, ...] = (_FIRST, _SECOND)


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[str] = STEPS) -> None:
    """Bring the catalogue to the newest version, one transaction and one backup a step.

    A new one has nothing to keep. Raises Mismatch for one that a newer Semapix has written.
    """
    version = version_of(connection)
    if version > len(steps):
        raise errors.Mismatch(
            f"{path} has version {version}, this Semapix knows {len(steps)}: install a newer one"
        )
    for number in range(version, len(steps)):
        if version:
            _back_up(connection, path.with_name(f"{path.stem}.version-{number}{path.suffix}"))
        _step(connection, steps[number], number + 1)


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Copy the catalogue to `path`; a copy that was cut off never bears that name."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(unfinished)) as target:
        connection.backup(target)
    with unfinished.open("rb+") as copied:
        os.fsync(copied.fileno())
    unfinished.replace(path)


def _step(connection: sqlite3.Connection, script: str, version: int) -> None:
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {version}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
