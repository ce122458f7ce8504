"""`semapix up` on ports that are free, as a person would start it."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ui import answers, client, library

START_S = 180.0
STAGES_S = 300.0
STOP_S = 60.0
MODELS = {"SEMAPIX_EMBEDDER_MODEL": "mini"}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[library.UpFile]:
    """Yield where the services are once all of them answer; stop them at the end."""
    command = (sys.executable, "-m", "ui.main", "up", "--library", str(folder), "--free-ports")
    process = subprocess.Popen(command, env=MODELS | os.environ, stdout=subprocess.DEVNULL)
    try:
        yield _when_up(process, folder)
    finally:
        process.terminate()
        process.wait(STOP_S)


def fill(filled: client.Client, photos: Sequence[Path]) -> None:
    """Import photos and wait until persons, objects and texts in them are found, too."""
    outcomes = [one.outcome for one in filled.import_photos(map(answers.FileSource, photos))]
    assert set(outcomes) <= {answers.Outcome.ADDED, answers.Outcome.DUPLICATE}
    end = time.monotonic() + STAGES_S
    while filled.status().remaining:
        if time.monotonic() > end:
            raise TimeoutError(f"stages are not done after {STAGES_S:.0f} s: {filled.status()}")
        time.sleep(0.5)


def _when_up(process: subprocess.Popen[bytes], folder: Path) -> library.UpFile:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        up = library.read_up_file(folder)
        if up is not None:
            return up
        time.sleep(0.3)
    raise TimeoutError(f"semapix up is not ready after {START_S:.0f} s; see {folder / 'logs'}")
