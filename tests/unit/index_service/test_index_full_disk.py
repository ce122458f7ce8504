"""A catalogue that cannot grow: a clear refusal, nothing half written, and on it goes with room."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import errors
from index_service import disk, reading
from index_service.catalogue import Catalogue
from index_service.changes import Trash
from tests.unit.index_service import index_values as values


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with contextlib.closing(Catalogue(tmp_path)) as opened:
        opened.apply([values.put(n, samples(n)) for n in range(3)])
        yield opened


def samples(number: int) -> list[values.VectorSample]:
    return [*values.put(number).samples, *values.texts(number, 40)]


def limit(catalogue: Catalogue, more_pages: int) -> None:
    """Let the file grow by no more than `more_pages` of 4 KiB, as a full disk would."""
    connection: sqlite3.Connection = catalogue._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + more_pages}")


def photos(folder: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(folder / disk.CATALOGUE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not connection.execute("PRAGMA foreign_key_check").fetchall()
        return set(reading.photo_names(connection).values())


def put_one_by_one(catalogue: Catalogue) -> None:
    for number in range(3, 30):
        catalogue.apply([values.put(number, samples(number))])


@pytest.mark.parametrize("pages", range(6))
def test_full_disk_is_told_and_loses_nothing(
    catalogue: Catalogue, tmp_path: Path, pages: int
) -> None:
    limit(catalogue, pages)
    with pytest.raises(errors.Overloaded, match="is full: make room"):
        put_one_by_one(catalogue)
    kept = photos(tmp_path)
    assert {values.photo_id(n) for n in range(3)} <= kept
    limit(catalogue, 10_000)
    outcomes, *_ = catalogue.apply([values.put(n, samples(n)) for n in range(3, 30)])
    assert not any(outcome.error for outcome in outcomes)
    assert photos(tmp_path) == {values.photo_id(n) for n in range(30)}


def test_trash_needs_room_too_and_keeps_the_photo_without(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    limit(catalogue, 0)
    with pytest.raises(errors.Overloaded):
        catalogue.apply([Trash(values.photo_id(number), 1) for number in range(3)])
    with contextlib.closing(sqlite3.connect(tmp_path / disk.CATALOGUE)) as connection:
        in_trash = connection.execute("SELECT COUNT(*) FROM trash").fetchone()[0]
    assert len(photos(tmp_path)) + in_trash == 3
