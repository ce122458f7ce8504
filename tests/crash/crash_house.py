"""The processes of a library, which are killed and come back."""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ui import plan
from ui.client import Client
from ui.supervisor import RestartPolicy, Supervisor

VICTIMS = ("gateway", "index", "embedder", "detector")
# Gateway and index hold what must not be lost, so they die more often.
ODDS = {"gateway": 8, "index": 8, "embedder": 2, "detector": 2, "everything": 3}
ENVIRONMENT = {
    "SEMAPIX_EMBEDDER_MODEL": "mini",
    "SEMAPIX_DETECTOR_OBJECTS": "mini",
    "SEMAPIX_DETECTOR_OCR": "none",
    "SEMAPIX_GATEWAY_PATIENCE_S": "90",
}
NEVER_GIVES_UP = RestartPolicy(max_quick=10**9, max_unready=10**9, longest_pause_s=0.2)
READY_S = 240.0


class CrashHouse:
    """Index, embedder, detector and gateway of one library, restarted whenever they die."""

    def __init__(self, folder: Path) -> None:
        plans = plan.services(folder, plan.free_ports(), web=False)
        self._plans = [one for one in plans if one.name in VICTIMS]
        self._supervisor = Supervisor(
            self._plans, folder / "logs", say=lambda _: None, policy=NEVER_GIVES_UP
        )
        self._stop = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self.address = next(one.address for one in self._plans if one.name == "gateway")

    def kill(self, victim: str) -> None:
        """Kill a process with SIGKILL, or everything at once."""
        names = VICTIMS if victim == "everything" else (victim,)
        pids = [self._supervisor.running()[name].pid for name in names]
        for pid in filter(None, pids):
            with contextlib.suppress(ProcessLookupError):  # it has not been started again yet
                os.kill(pid, signal.SIGKILL)

    def wait_until_serving(self, client: Client) -> None:
        """Return once gateway, index and embedder answer."""
        give_up_at = time.monotonic() + READY_S
        while True:
            with contextlib.suppress(Exception):
                states = {one.name: one.serving for one in client.status().services}
                if states["index"] and states["embedder"]:
                    return
            assert time.monotonic() < give_up_at, "it does not come back"
            time.sleep(0.1)

    def start(self) -> None:
        """Start everything and the thread that keeps it running."""
        self._supervisor.start(timeout_s=READY_S, go_on=lambda s: not self._stop.wait(s))
        self._keeper.start()

    def stop(self) -> None:
        """End everything in order."""
        self._stop.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self._supervisor.stop()

    def _keep(self) -> None:
        while not self._stop.wait(0.1):
            self._supervisor.look()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[CrashHouse]:
    """Run a library in `folder` until the block ends."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update({**ENVIRONMENT, **{name: value for name, value in before.items() if value}})
    house = CrashHouse(folder)
    try:
        house.start()
        yield house
    finally:
        house.stop()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def victim(draw: random.Random) -> str:
    """Return who is to be killed."""
    return draw.choices(list(ODDS), list(ODDS.values()))[0]
