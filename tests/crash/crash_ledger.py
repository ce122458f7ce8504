"""What has been acknowledged, and what may have happened without an answer."""

import hashlib
import io
import random
import threading
from collections.abc import Iterable
from enum import Enum

import numpy as np
from PIL import Image


class State(Enum):
    """Where a photo is."""

    ABSENT = "absent"
    LIVE = "live"
    TRASHED = "in the trash"


class Ledger:
    """The state of every photo, or the states that are possible where an answer is missing."""

    def __init__(self, draw: random.Random) -> None:
        self._draw, self._lock = draw, threading.Lock()
        self._states: dict[str, frozenset[State]] = {}
        self._busy: set[str] = set()
        self.originals: dict[str, bytes] = {}

    def new_photo(self) -> str:
        """Return the id of a photo that nobody has seen, to be imported."""
        noise = np.random.default_rng(self._draw.getrandbits(60))
        size = self._draw.randrange(24, 90)
        pixels = noise.integers(0, 256, (size, size, 3), dtype=np.uint8)
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG", quality=self._draw.randrange(40, 95))
        photo_id = hashlib.sha256(out.getvalue()).hexdigest()
        with self._lock:
            self.originals[photo_id] = out.getvalue()
            self._states[photo_id] = frozenset({State.ABSENT})
            self._busy.add(photo_id)
        return photo_id

    def take(self, state: State, most: int) -> list[str]:
        """Return up to `most` photos that are certainly in `state` and that nobody else has."""
        with self._lock:
            free = [p for p, s in self._states.items() if s == {state} and p not in self._busy]
            taken = self._draw.sample(sorted(free), min(most, len(free)))
            self._busy.update(taken)
            return taken

    def begin(self, photo_ids: Iterable[str], goal: State) -> None:
        """Note that the photos may be in `goal` from now on."""
        with self._lock:
            for photo_id in photo_ids:
                self._states[photo_id] |= {goal}

    def acknowledge(self, photo_id: str, state: State) -> None:
        """Note that a photo certainly is in `state`, and that nobody works on it any more."""
        with self._lock:
            self._states[photo_id] = frozenset({state})
            self._busy.discard(photo_id)

    def settle(self, live: set[str], trashed: set[str]) -> None:
        """Compare with what there is. Raises AssertionError if anything acknowledged is not so."""
        assert not live & trashed, "a photo is both in the library and in the trash"
        strangers = (live | trashed) - self.originals.keys()
        assert not strangers, f"photos that nobody imported: {strangers}"
        for photo_id, possible in self._states.items():
            found = State.LIVE if photo_id in live else State.ABSENT
            found = State.TRASHED if photo_id in trashed else found
            assert found in possible, f"{photo_id} is {found.value}, not one of {possible}"
            self._states[photo_id] = frozenset({found})
        self._busy.clear()

    def count(self, state: State) -> int:
        """Return how many photos are certainly in `state`."""
        return sum(possible == {state} for possible in self._states.values())
