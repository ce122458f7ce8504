"""A library of its own for a measurement: real services on free ports, gone when it is over."""

import contextlib
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from ui import console, plan
from ui.client import Client
from ui.supervisor import TICK_S, Supervisor

START_S = 300.0
SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def running(*, model: str = "") -> Iterator[Client]:
    """Yield the connection to an empty library; `model` is the encoder's, "" for the settings' one.

    What dies is started again. To be entered in the main thread, for a signal must not leave the
    folder behind. Raises Unavailable for a service that does not come up.
    """
    with _interrupted_by_signals(), tempfile.TemporaryDirectory(prefix="semapix-") as folder:
        plans = plan.services(Path(folder) / "library", plan.free_ports(), web=False, model=model)
        addresses = {one.name: one.address for one in plans}
        supervisor = Supervisor(plans, Path(folder) / "logs", say=_say)
        try:
            _start(supervisor)
            with _watched(supervisor), Client(addresses["gateway"]) as client:
                yield client
        finally:
            supervisor.stop()


def _start(supervisor: Supervisor) -> None:
    def pause(seconds: float) -> bool:
        time.sleep(seconds)
        return True

    supervisor.start(timeout_s=START_S, go_on=pause)


@contextlib.contextmanager
def _watched(supervisor: Supervisor) -> Iterator[None]:
    """Restart what dies until the block ends."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(TICK_S):
            supervisor.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


@contextlib.contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """End the block in order, as by Ctrl-C, when the process is asked to end."""

    def hear(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, hear) for number in SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _say(sentence: str) -> None:
    for line in sentence.splitlines():
        console.progress_output().print(console.cell(line, "dim"), soft_wrap=True)
