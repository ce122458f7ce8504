"""Prints how fast an import is beside what its stages would allow, and searches meanwhile.

All share the cores of one machine, so that one photo after another could at best come in at
1 / sum(1 / rate of each stage alone). The stages: `receive` (stream, hash, spool, look up: measured
by importing again what is known), `decode`, `embed`, `store` (the original, durably) and `commit`.
Usage: bench_import.py [photos]
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import photos_made

from common import vectors
from common.samples import WHOLE_PHOTO, Kind, PhotoFacts, Sample, Stage, StageRecord, sample_id
from gateway import files as opening
from gateway.calls import Service
from gateway.embedder_client import EmbedderClient
from gateway.index_client import IndexClient
from gateway.services import Picture, Update
from gateway.settings import Settings
from ui.answers import BytesSource, Query, Term
from ui.client import Client

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests import house  # noqa: E402

GOAL = 0.85
SEARCH_EVERY_S = 0.3


def imported(client: Client, photos: list[BytesSource], expected: str) -> float:
    """Import photos; return seconds."""
    started = time.monotonic()
    outcomes = {one.outcome.name for one in client.import_photos(photos)}
    assert outcomes == {expected}, outcomes
    return time.monotonic() - started


async def at_once(count: int, most: int, work: Callable[[int], Awaitable[object]]) -> float:
    """Run `work` for 0 to count - 1, `most` at the same time; return seconds."""
    turn = asyncio.Semaphore(most)

    async def one(number: int) -> None:
        async with turn:
            await work(number)

    started = time.monotonic()
    await asyncio.gather(*(one(number) for number in range(count)))
    return time.monotonic() - started


async def decoded_and_stored(
    photos: list[BytesSource], folder: Path
) -> tuple[float, float, list[bytes]]:
    """Return seconds to decode and to store all photos, and their working copies."""
    settings = Settings(folder=folder)
    files = opening.opened(settings)
    jpegs: dict[int, bytes] = {}
    uploads = []
    for photo in photos:
        upload = files.spool.receive()
        upload.add(photo.encoded)
        uploads.append((upload.finish(), upload))

    async def decode(number: int) -> None:
        jpegs[number] = (await files.pictures.from_file(uploads[number][1].path)).jpeg

    async def store(number: int) -> None:
        await asyncio.to_thread(files.keep, *uploads[number])

    await decode(0)  # its processes are started once, not for each import
    decode_s = await at_once(len(photos), settings.decoders, decode)
    store_s = await at_once(len(photos), settings.photos_in_flight, store)
    await files.pictures.close()
    files.spool.settled(*(photo_id for photo_id, _ in uploads))
    files.spool.close()
    return decode_s, store_s, [jpegs[number] for number in range(len(photos))]


async def embedded(address: str, jpegs: list[bytes]) -> float:
    """Return seconds to embed all working copies, by as large calls as the gateway makes."""
    settings = Settings()
    service = Service("embedder", address)
    embedder, size = EmbedderClient(service), settings.embed_batch
    parts = [jpegs[at : at + size] for at in range(0, len(jpegs), size)]

    async def embed(number: int) -> None:
        await embedder.images([Picture(jpeg) for jpeg in parts[number]])

    seconds = await at_once(len(parts), settings.embed_calls, embed)
    await service.close()
    return seconds


async def committed(address: str, embedder: str, count: int) -> float:
    """Return seconds to commit as many photos, by as many calls at once as the gateway makes."""
    asked = Service("embedder", embedder)
    fingerprint = (await EmbedderClient(asked).encoder()).fingerprint
    dimension = len((await EmbedderClient(asked).texts(["a"])).outcomes[0].vector) // 4
    await asked.close()
    service = Service("index", address)
    index = IndexClient(service)
    rows = vectors.normalised(np.random.default_rng(0).standard_normal((count, dimension)))

    async def commit(number: int) -> None:
        photo_id = hashlib.sha256(b"row %d" % number).hexdigest()
        facts = PhotoFacts(photo_id, 4, 3, 7, "JPEG", (f"/row/{number}",), int(time.time()))
        own = sample_id(photo_id, Kind.PHOTO, WHOLE_PHOTO)
        sample = Sample(own, photo_id, Kind.PHOTO)
        record = StageRecord(Stage.WHOLE, "bench")
        update = Update(facts, record, ((sample, vectors.pack(rows[number])),))
        await index.put(update, fingerprint=fingerprint)

    seconds = await at_once(count, Settings().photos_in_flight, commit)
    await service.close()
    return seconds


@dataclasses.dataclass(slots=True)
class Latencies:
    """Milliseconds of searches."""

    ms: list[float] = dataclasses.field(default_factory=list)

    def __str__(self) -> str:
        middle, high = np.percentile(self.ms, [50, 95])
        return f"median {middle:.0f} ms, 95 % below {high:.0f} ms ({len(self.ms)} searches)"


@contextlib.contextmanager
def searching(address: str) -> Iterator[Latencies]:
    """Search again and again until the block ends."""
    found, stop = Latencies(), threading.Event()

    def work() -> None:
        with Client(address) as client:
            while not stop.wait(SEARCH_EVERY_S):
                started = time.monotonic()
                client.search(Query((Term(text=f"blue blots {len(found.ms)}"),)))
                found.ms.append(1e3 * (time.monotonic() - started))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def print_stages(alone_s: dict[str, float], whole_s: float, count: int) -> bool:
    """Print the table; return whether the import is as fast as it has to be."""
    total_s = sum(alone_s.values())
    print(f"{'stage':10} {'photos/s':>9} {'share':>7}")
    for name, seconds in alone_s.items():
        print(f"{name:10} {count / seconds:9.1f} {seconds / total_s:7.1%}")
    print(
        f"one after another {count / total_s:.1f} photos/s, import {count / whole_s:.1f} photos/s"
    )
    print(f"ratio {total_s / whole_s:.2f} (at least {GOAL})")
    return total_s / whole_s >= GOAL


def main() -> int:
    """Print the tables. Exit code 1 if the import is slower than it has to be."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    os.environ |= {"SEMAPIX_DETECTOR_OBJECTS": "none", "SEMAPIX_DETECTOR_OCR": "none"}
    looks = photos_made.looks()
    first, second, warm = (
        list(photos_made.photos(looks, start, size))
        for start, size in ((0, count), (count, count), (2 * count, 16))
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        house.started(Path(folder, "library"), "--no-web") as running,
    ):
        gateway = running.address("gateway")
        with Client(gateway) as client:
            imported(client, warm, "ADDED")
            whole_s = imported(client, first, "ADDED")
            alone_s = {"receive": imported(client, first, "DUPLICATE")}
            with searching(gateway) as idle:
                time.sleep(5)
            with searching(gateway) as busy:
                imported(client, second, "ADDED")
        embedder = running.address("embedder")
        decode_s, store_s, jpegs = asyncio.run(decoded_and_stored(first, Path(folder, "alone")))
        alone_s |= {"decode": decode_s, "embed": asyncio.run(embedded(embedder, jpegs))}
        alone_s |= {"store": store_s}
        commit_s = asyncio.run(committed(running.address("index"), embedder, count))
        alone_s |= {"commit": commit_s}
    good = print_stages(alone_s, whole_s, count)
    print(f"search while nothing is imported: {idle}")
    print(f"search during an import: {busy}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
