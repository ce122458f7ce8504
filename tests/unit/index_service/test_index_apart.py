"""Work in a copy of the process: what it writes stays, what it holds does not."""

import os
import sys
import time
from pathlib import Path

import pytest

from index_service import apart

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux alone")


def test_what_is_written_stays_and_what_is_changed_does_not(tmp_path: Path) -> None:
    path, seen = tmp_path / "written", []

    def work() -> None:
        seen.append(1)
        path.write_text(str(os.getpid()))

    assert apart.run(work)
    assert seen == []
    assert int(path.read_text()) != os.getpid()


def test_what_is_open_here_is_closed_there(tmp_path: Path) -> None:
    with (tmp_path / "held").open("w") as held:
        number = held.fileno()
        assert not apart.run(lambda: os.fstat(number))
        os.fstat(number)


def test_an_error_there_is_told() -> None:
    def work() -> None:
        raise MemoryError

    assert not apart.run(work)


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_S", 0.1)
    assert not apart.run(lambda: time.sleep(300))


def test_without_memory_for_a_copy_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused() -> int:
        raise OSError("no memory")

    done = []
    monkeypatch.setattr(os, "fork", refused)
    assert apart.run(lambda: done.append(1))
    assert done == [1]
