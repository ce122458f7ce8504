"""The services of the browser tests, and photos in them."""

import time
from collections.abc import Sequence
from pathlib import Path

from ui import answers, client

STAGES_S = 300.0


def fill(filled: client.Client, photos: Sequence[Path]) -> None:
    """Import photos and wait until persons, objects and texts in them are found, too."""
    outcomes = [one.outcome for one in filled.import_photos(map(answers.FileSource, photos))]
    assert set(outcomes) <= {answers.Outcome.ADDED, answers.Outcome.DUPLICATE}
    end = time.monotonic() + STAGES_S
    while filled.status().remaining:
        if time.monotonic() > end:
            raise TimeoutError(f"stages are not done after {STAGES_S:.0f} s: {filled.status()}")
        time.sleep(0.5)
