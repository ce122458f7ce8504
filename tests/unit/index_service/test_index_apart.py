"""Work in a copy of the process: what it writes stays, what it holds does not."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from index_service import apart
from index_service import graph as graphs
from index_service.graph import Graph

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


def test_others_go_on_while_the_copy_holds_pythons_lock() -> None:
    over, ticks = threading.Event(), []

    def tick() -> None:
        while not over.is_set():
            ticks.append(1)
            time.sleep(0.001)

    other = threading.Thread(target=tick)
    other.start()
    assert apart.run(lambda: pow(3, 4_000_000))
    over.set()
    other.join()
    assert len(ticks) > 20


class Written:
    """In the place of hnswlib's index: writes who wrote."""

    def save_index(self, path: str) -> None:
        Path(path).write_text(f"{os.getpid():010d}")

    def index_file_size(self) -> int:
        return 10


@pytest.mark.parametrize(("at_once", "here"), [(9, False), (10, True)])
def test_large_graphs_are_written_by_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, here: bool
) -> None:
    monkeypatch.setattr(graphs, "AT_ONCE_BYTES", at_once)
    graph = Graph.__new__(Graph)
    graph._graph = Written()
    graph.save(tmp_path / "graph")
    assert (int((tmp_path / "graph").read_text()) == os.getpid()) == here
