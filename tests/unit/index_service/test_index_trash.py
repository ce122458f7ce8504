"""The trash: a photo in it is nowhere else, and comes back as it was."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import errors
from common.samples import Entry, Kind
from index_service import disk, reading, schema, trash
from index_service import library as libraries
from index_service.candidates import Wish
from index_service.catalogue import Catalogue
from index_service.changes import Delete, Trash, Untrash, VectorSample
from index_service.library import Library
from index_service.scoring import Part, directions
from index_service.settings import Settings
from tests.unit.index_service import index_values as values


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Three photos, two texts in each."""
    with libraries.opened(Settings(folder=tmp_path)) as opened:
        opened.apply([values.put(n, samples(n)) for n in range(3)])
        yield opened


def samples(number: int) -> list[VectorSample]:
    return [*values.put(number).samples, *values.texts(number, 2)]


def entry(library: Library, number: int) -> Entry | None:
    with library.reading() as connection:
        found = reading.entries(connection, [values.photo_id(number)], with_samples=True)
    return found.get(values.photo_id(number))


def found(library: Library, number: int, kind: Kind = Kind.PHOTO) -> list[str]:
    vector = samples(number)[0 if kind is Kind.PHOTO else 1].vector
    wish = Wish(directions([Part(vector, False, 1.0)]), {kind: 1.0}, 10)
    return [hit.facts.photo_id for hit in library.search(library.view, wish)]


def trashed(library: Library, **wanted: object) -> list[tuple[str, int]]:
    with library.reading() as connection:
        photos, _ = trash.listed(connection, trash.Wanted(10, **wanted))  # type: ignore[arg-type]
    return [(photo.facts.photo_id, photo.trashed_at_s) for photo in photos]


def test_trashed_photo_is_neither_found_nor_listed(library: Library) -> None:
    (outcome,) = library.apply([Trash(values.photo_id(1), 7)])
    assert outcome.error is None
    assert entry(library, 1) is None
    for kind in (Kind.PHOTO, Kind.TEXT):
        assert values.photo_id(1) not in found(library, 1, kind)
        assert len(found(library, 1, kind)) == 2
    assert trashed(library) == [(values.photo_id(1), 7)]


def test_restored_photo_is_as_it_was(library: Library) -> None:
    before = entry(library, 1)
    library.apply([Trash(values.photo_id(1), 7)])
    (outcome,) = library.apply([Untrash(values.photo_id(1))])
    assert outcome.error is None
    assert entry(library, 1) == before
    assert found(library, 1)[0] == found(library, 1, Kind.TEXT)[0] == values.photo_id(1)
    assert trashed(library) == []


def test_trash_and_restore_in_one_batch_and_over_a_restart(tmp_path: Path) -> None:
    settings, photo_id = Settings(folder=tmp_path), values.photo_id(0)
    with libraries.opened(settings) as library:
        library.apply([values.put(0, samples(0)), Trash(photo_id, 1), Untrash(photo_id)])
        assert found(library, 0) == [photo_id]
        library.apply([Trash(photo_id, 2)])
    with libraries.opened(settings) as library:
        assert found(library, 0) == []
        library.apply([Untrash(photo_id)])
        assert found(library, 0) == [photo_id]
    with libraries.opened(settings) as library:
        assert found(library, 0, Kind.TEXT) == [photo_id]


def test_what_is_not_there_is_not_found(library: Library) -> None:
    changes = [Trash(values.photo_id(9), 1), Untrash(values.photo_id(9))]
    changes.append(Delete(values.photo_id(1), only_trashed=True))  # type: ignore[arg-type]
    assert all(isinstance(one.error, errors.NotFound) for one in library.apply(changes))
    assert entry(library, 1) is not None


def test_what_is_done_already_is_done(library: Library) -> None:
    """A client asks again when an answer got lost."""
    for change, count in ((Trash(values.photo_id(1), 7), 2), (Untrash(values.photo_id(1)), 3)):
        for _ in range(2):
            (outcome,) = library.apply([change])
            assert outcome.error is None
            assert len(found(library, 1)) == count


def test_photo_put_again_leaves_the_trash(library: Library) -> None:
    library.apply([Trash(values.photo_id(1), 7), values.put(1)])
    assert trashed(library) == []
    assert found(library, 1)[0] == values.photo_id(1)


def test_deleted_from_the_trash_leaves_no_row(library: Library, tmp_path: Path) -> None:
    library.apply([Trash(values.photo_id(1), 7)])
    (outcome,) = library.apply([Delete(values.photo_id(1), only_trashed=True)])
    assert outcome.error is None
    with contextlib.closing(sqlite3.connect(tmp_path / disk.CATALOGUE)) as connection:
        for table in ("trash", "trashed_rows"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def test_listing_knows_ages_and_names_and_pages(library: Library) -> None:
    ids = [values.photo_id(n) for n in range(3)]
    library.apply([Trash(photo_id, 10 * n) for n, photo_id in enumerate(ids)])
    assert {photo for photo, _ in trashed(library, before_s=11)} == set(ids[:2])
    assert trashed(library, photo_ids=(ids[2],)) == [(ids[2], 20)]
    with library.reading() as connection:
        first, after = trash.listed(connection, trash.Wanted(2))
        second, end = trash.listed(connection, trash.Wanted(2, after))
        assert trash.ids(connection) == sorted(ids)
        assert trash.count(connection) == 3
    assert [one.facts.photo_id for one in (*first, *second)] == sorted(ids)
    assert end == ""
    assert first[0].facts.width == 40


def test_photo_of_another_model_is_told_apart(library: Library, tmp_path: Path) -> None:
    library.apply([Trash(values.photo_id(1), 7)])
    with contextlib.closing(sqlite3.connect(tmp_path / disk.CATALOGUE)) as connection, connection:
        connection.execute("UPDATE meta SET fingerprint = 'model-2'")
    (outcome,) = library.apply([Untrash(values.photo_id(1))])
    assert isinstance(outcome.error, errors.Mismatch)
    assert trashed(library) == [(values.photo_id(1), 7)]


def test_rows_of_tables_that_come_later_go_and_return_with_the_photo(tmp_path: Path) -> None:
    later = (
        "CREATE TABLE notes (number INTEGER PRIMARY KEY, sample INTEGER NOT NULL"
        " REFERENCES samples (number) ON DELETE CASCADE, photo INTEGER NOT NULL"
        " REFERENCES photos (number) ON DELETE CASCADE, note TEXT, bits BLOB)"
    )
    with contextlib.closing(Catalogue(tmp_path)) as catalogue:
        catalogue.apply([values.put(n, samples(n)) for n in range(2)])
        with contextlib.closing(sqlite3.connect(tmp_path / disk.CATALOGUE)) as other, other:
            other.execute(later)
            other.execute(
                "INSERT INTO notes VALUES (1, 1, 1, 'mine', x'00ff'), (2, 1, 1, '', NULL)"
            )
        catalogue.apply([Trash(values.photo_id(0), 7)])
        catalogue.apply([Untrash(values.photo_id(0))])
    with contextlib.closing(sqlite3.connect(tmp_path / disk.CATALOGUE)) as other:
        query = (
            "SELECT photo_id, note, bits FROM notes JOIN photos ON photos.number = notes.photo"
            " JOIN samples ON samples.number = notes.sample"
        )
        rows = other.execute(query).fetchall()
    assert rows == [(values.photo_id(0), "mine", b"\x00\xff"), (values.photo_id(0), "", None)]


def test_catalogue_without_a_trash_gets_one(tmp_path: Path) -> None:
    path = tmp_path / disk.CATALOGUE
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        schema.migrate(connection, path, schema.STEPS[:1])
    with contextlib.closing(Catalogue(tmp_path)) as catalogue:
        catalogue.apply([values.put(1)])
        ((outcome,), *_) = catalogue.apply([Trash(values.photo_id(1), 7)])
    assert outcome.error is None
