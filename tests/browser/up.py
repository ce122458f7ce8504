"""`semapix up` on ports that are free, as a person would start it."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ui import library

START_S = 180.0
STOP_S = 60.0
MODELS = {"SEMAPIX_EMBEDDER_MODEL": "mini"}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[library.UpFile]:
    """Yield where the services are once all of them answer; stop them at the end."""
    command = (sys.executable, "-m", "ui.main", "up", "--library", str(folder), "--free-ports")
    process = subprocess.Popen(command, env=os.environ | MODELS, stdout=subprocess.DEVNULL)
    try:
        yield _when_up(process, folder)
    finally:
        process.terminate()
        process.wait(STOP_S)


def _when_up(process: subprocess.Popen[bytes], folder: Path) -> library.UpFile:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        up = library.read_up_file(folder)
        if up is not None:
            return up
        time.sleep(0.3)
    raise TimeoutError(f"semapix up is not ready after {START_S:.0f} s; see {folder / 'logs'}")
