"""A library held by one `semapix up`: the lock, and the file that says where its services are."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from common import errors

DEFAULT_LIBRARY = Path("semapix-library")
UP_FILE = "up.json"
LOCK_FILE = "up.lock"
ATTEMPTS, PAUSE_S = 5, 0.1


@dataclass(frozen=True, slots=True)
class RunningService:
    """One process of `semapix up`; pid 0 when it was given up."""

    address: str
    pid: int
    log: str


@dataclass(frozen=True, slots=True)
class UpFile:
    """What `semapix up` tells others: addresses and processes."""

    pid: int
    library: str
    services: Mapping[str, RunningService]

    @property
    def gateway(self) -> str:
        return self.services["gateway"].address

    def write(self) -> None:
        """Replace the file of the library in one step."""
        path = Path(self.library) / UP_FILE
        draft = path.with_suffix(".tmp")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        draft.replace(path)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the library until the block ends; then its up.json is gone.

    Raises Mismatch, naming the process, if another `semapix up` holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("a+", encoding="utf-8") as file:
        _lock(file, folder)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            (folder / UP_FILE).unlink(missing_ok=True)


def _lock(file: IO[str], folder: Path) -> None:
    """Try a few times: a command that looks whether the library is held holds it for a moment."""
    for _ in range(ATTEMPTS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(PAUSE_S)
    raise errors.Mismatch(_held_by(folder))


def _held_by(folder: Path) -> str:
    pid = (folder / LOCK_FILE).read_text(encoding="utf-8").strip() or "unknown"
    return (
        f"library {folder} is held by another `semapix up`, process {pid}: "
        "stop that one, or name another folder with --library"
    )


def is_held(folder: Path) -> bool:
    """Return whether a `semapix up` runs this library; one that was killed holds it no longer."""
    try:
        with (folder / LOCK_FILE).open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def read_up_file(folder: Path) -> UpFile | None:
    """Return where the services of the library are, None while nothing is up."""
    if not is_held(folder):
        return None
    try:
        stored = json.loads((folder / UP_FILE).read_text(encoding="utf-8"))
        services = {name: RunningService(**service) for name, service in stored["services"].items()}
        return UpFile(stored["pid"], stored["library"], services)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise errors.DataLoss(f"{folder / UP_FILE} cannot be read: {error}") from error
