"""The folder of a library: one owner, versions, damage."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from common import errors
from index_service import disk, schema
from index_service.catalogue import Catalogue
from tests.unit.index_service import index_values as values

TODAY = len(schema.STEPS)
EXTRA = "ALTER TABLE photos ADD COLUMN note TEXT NOT NULL DEFAULT ''"
BROKEN = "ALTER TABLE photos ADD COLUMN other TEXT; INSERT INTO nowhere VALUES (1)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalogue of today's version with one photo."""
    with contextlib.closing(Catalogue(tmp_path)) as catalogue:
        catalogue.apply([values.put(1)])
    return tmp_path / disk.CATALOGUE


def photos(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM photos").fetchone()[0])


def migrated(path: Path, *steps: str) -> int:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        schema.migrate(connection, path, (*schema.STEPS, *steps))
        return schema.version_of(connection)


def test_folder_has_one_owner(tmp_path: Path) -> None:
    refusal = pytest.raises(errors.Unavailable, match="another index_service, process")
    with disk.owned(tmp_path), refusal, disk.owned(tmp_path):
        pass
    with disk.owned(tmp_path):
        pass


def test_migration_keeps_rows_and_a_backup(path: Path) -> None:
    assert migrated(path, EXTRA) == TODAY + 1
    backup = path.with_name(f"catalogue.version-{TODAY}.sqlite")
    assert photos(path) == photos(backup) == 1
    with contextlib.closing(sqlite3.connect(backup)) as connection:
        assert schema.version_of(connection) == TODAY


def test_broken_migration_changes_nothing(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        migrated(path, BROKEN)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert schema.version_of(connection) == TODAY
        columns = [row[1] for row in connection.execute("PRAGMA table_info(photos)")]
    assert "other" not in columns
    assert photos(path) == 1


def test_catalogue_of_a_newer_semapix_is_refused(path: Path) -> None:
    migrated(path, EXTRA)
    with pytest.raises(errors.Mismatch, match="install a newer one"):
        disk.writer(path.parent)


def test_file_that_is_no_catalogue_is_data_loss(tmp_path: Path) -> None:
    (tmp_path / disk.CATALOGUE).write_bytes(b"not a database" * 100)
    with pytest.raises(errors.DataLoss, match=r"catalogue\.sqlite is damaged"):
        disk.writer(tmp_path)


def test_damaged_page_is_data_loss(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    path.write_bytes(content)
    with pytest.raises(errors.DataLoss, match="damaged"):
        disk.writer(path.parent)


def test_readers_see_one_moment(path: Path) -> None:
    with (
        contextlib.closing(Catalogue(path.parent)) as catalogue,
        contextlib.closing(disk.Readers(path.parent)) as readers,
    ):
        with readers.reading() as connection:
            count = "SELECT COUNT(*) FROM photos"
            before = connection.execute(count).fetchone()
            catalogue.apply([values.put(2)])
            assert connection.execute(count).fetchone() == before
        with readers.reading() as connection:
            assert connection.execute(count).fetchone() == (2,)
