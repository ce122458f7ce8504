"""Two imports of one library that are certainly under way at the same time."""

import io
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager

import numpy as np
from PIL import Image

from ui.answers import BytesSource, Imported
from ui.client import Client

WAIT_S = 120.0


def photos(start: int, count: int) -> list[bytes]:
    """Return photos of noise, other ones for each number."""
    made = []
    for number in range(start, start + count):
        pixels = np.random.default_rng(number).integers(0, 256, (96, 96, 3), dtype=np.uint8)
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG")
        made.append(out.getvalue())
    return made


class HeldImport:
    """An import whose last photo waits until `release` is set."""

    def __init__(self, client: Client, encoded: list[bytes], release: threading.Event) -> None:
        self._client, self._encoded, self._release = client, encoded, release
        # Set once all but the last are settled.
        self.waiting = threading.Event()

    def outcomes(self) -> list[Imported]:
        found: list[Imported] = []
        for one in self._client.import_photos(self._sources()):
            found.append(one)
            if len(found) == len(self._encoded) - 1:
                self.waiting.set()
        return found

    def _sources(self) -> Iterator[BytesSource]:
        *first, last = self._encoded
        yield from (BytesSource(f"{at}.jpg", encoded) for at, encoded in enumerate(first))
        assert self._release.wait(WAIT_S)
        yield BytesSource("last.jpg", last)


@contextmanager
def at_once(
    address: str, *imports: list[bytes]
) -> Iterator[list["futures.Future[list[Imported]]"]]:
    """Import all of them; the block runs while each of them lacks its last photo alone."""
    release = threading.Event()
    with Client(address) as client, futures.ThreadPoolExecutor() as pool:
        held = [HeldImport(client, encoded, release) for encoded in imports]
        try:
            results = [pool.submit(one.outcomes) for one in held]
            assert all(one.waiting.wait(WAIT_S) for one in held)
            yield results
        finally:
            release.set()
