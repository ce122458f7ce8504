"""The processes of a library, which are killed and come back."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import errors
from tests.crash import crash_keeper
from tests.crash.crash_keeper import READY_S, STATE, VICTIMS
from ui.client import Client

ROOT = Path(__file__).parents[2]
# Gateway and index hold what must not be lost, so they die more often.
ODDS = {"gateway": 7, "index": 7, "embedder": 2, "detector": 2, "everything": 2}
ENVIRONMENT = {
    "SEMAPIX_EMBEDDER_MODEL": "mini",
    "SEMAPIX_DETECTOR_OBJECTS": "mini",
    "SEMAPIX_DETECTOR_OCR": "none",
    "SEMAPIX_GATEWAY_PATIENCE_S": "90",
}


@dataclass(frozen=True)
class CrashHouse:
    """Index, embedder, detector and gateway of one library, restarted whenever they die."""

    folder: Path

    @property
    def address(self) -> str:
        """Address of the gateway, always the same."""
        return str(self._state()["gateway"]["address"])

    def kill(self, victim: str) -> None:
        """Kill a process with SIGKILL, or everything at once."""
        state = self._state()
        names = VICTIMS if victim == "everything" else (victim,)
        for pid in filter(None, (state[name]["pid"] for name in names)):
            with contextlib.suppress(ProcessLookupError):  # it has not been started again yet
                os.kill(pid, signal.SIGKILL)

    def wait_until_serving(self, client: Client) -> None:
        """Return once gateway, index and embedder answer."""
        give_up_at = time.monotonic() + READY_S
        while time.monotonic() < give_up_at:
            with contextlib.suppress(errors.SemapixError):
                states = {one.name: one.serving for one in client.status().services}
                if states["index"] and states["embedder"]:
                    return
            time.sleep(0.1)
        raise AssertionError("it does not come back")

    def _state(self) -> Any:
        return json.loads((self.folder / STATE).read_text())


@contextlib.contextmanager
def running(folder: Path) -> Iterator[CrashHouse]:
    """Run a library in `folder` until the block ends."""
    folder.mkdir()
    paths = os.pathsep.join(str(path) for path in (ROOT, ROOT / "protos"))
    keeper = subprocess.Popen(
        [sys.executable, crash_keeper.__file__, folder],
        env={**ENVIRONMENT, **os.environ, "PYTHONPATH": paths},
    )
    try:
        give_up_at = time.monotonic() + READY_S
        while not (folder / STATE).exists():
            assert keeper.poll() is None, f"see {folder / 'logs'}"
            assert time.monotonic() < give_up_at, f"not ready in time: see {folder / 'logs'}"
            time.sleep(0.2)
        yield CrashHouse(folder)
    finally:
        keeper.terminate()
        keeper.wait()


def victims(draw: random.Random) -> Iterator[str]:
    """Yield who is to be killed, for ever; each in its turn, as often as its odds say."""
    while True:
        deck = [name for name, odds in ODDS.items() for _ in range(odds)]
        draw.shuffle(deck)
        yield from deck
