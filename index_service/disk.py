"""The folder of a library: who may write in it, and connections to its catalogue."""

import contextlib
import fcntl
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

from common import errors
from index_service import schema

CATALOGUE = "catalogue.sqlite"
LOCK = "index.lock"
COPY = "copy-"
_BUSY_S = 10.0
# Short: an import tries a few times, and nothing is lost by its giving up.
FULL_RETRY_S = 0.2


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Own `folder`, made if need be, until the block or the process ends.

    Raises Unavailable when another process owns it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise errors.Unavailable(
                f"{folder} belongs to another index_service, process {lock.read().strip()}: "
                "stop that one, or set SEMAPIX_INDEX_FOLDER to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def writer(folder: Path) -> sqlite3.Connection:
    """Return the connection that writes, its catalogue sound and of today's version.

    Raises DataLoss for a damaged catalogue, Mismatch for one of a newer Semapix.
    """
    path = folder / CATALOGUE
    with sound(path):
        connection = _connect(path)
        try:
            _check(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            schema.migrate(connection, path)
            # Only now, for a later version may have to rebuild a table that others point to.
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
    return connection


class Readers:
    """Connections that read; each reads one moment of the catalogue, whatever is written."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CATALOGUE
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in a read transaction. Raises DataLoss for a damaged catalogue."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        with sound(self._path):
            connection = connection or self._open()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.rollback()
                with self._lock:
                    self._idle.append(connection)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _open(self) -> sqlite3.Connection:
        connection = _connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        return connection


@contextlib.contextmanager
def copied(connection: sqlite3.Connection, folder: Path) -> Iterator[Path]:
    """Lend a copy of what `connection` sees, a file that is gone after the block."""
    path = folder / f"{COPY}{uuid.uuid4().hex}"
    try:
        with sound(path), contextlib.closing(sqlite3.connect(path)) as target:
            connection.backup(target)
        yield path
    finally:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove copies that a crash left behind."""
    for left in folder.glob(f"{COPY}*"):
        left.unlink()


@contextlib.contextmanager
def sound(path: Path) -> Iterator[None]:
    """Say in words what SQLite says in codes: DataLoss for damage, Overloaded for a full disk."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _damaged(path, str(error)) from error
        if code == sqlite3.SQLITE_FULL:
            message = f"the disk of {path} is full: make room on it and try again"
            raise errors.Overloaded(message, retry_after_s=FULL_RETRY_S) from error
        if code == sqlite3.SQLITE_IOERR:
            raise errors.Unavailable(f"cannot write {path}: {error}") from error
        raise


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(path, found)


def _damaged(path: Path, found: str) -> errors.DataLoss:
    return errors.DataLoss(
        f"the catalogue {path} is damaged ({found}): put a backup of it in its place, or move "
        "it away to start an empty library"
    )
