"""Prints the peak memory of every process after importing few photos and after importing many.

One system imports all of them; the peak of a process never falls, so the first figure is that of
the few alone. Detection and reading are left out unless SEMAPIX_DETECTOR_OBJECTS says otherwise.
Usage: bench_memory.py [few] [many]
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import photos_made

from ui.client import Client

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests import house  # noqa: E402

MIB = 2**20
LIMIT = 0.15
INDEX_BYTES_A_SAMPLE = 3_000


def peaks(running: house.House) -> dict[str, int]:
    """Return the peak of resident bytes by process; decoders are children of the gateway."""
    services = running.up_file().services
    found = {name: _peak(service.pid) for name, service in services.items()}
    for number, child in enumerate(_children(services["gateway"].pid)):
        found[f"decoder {number}"] = _peak(child)
    return found


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def imported(client: Client, looks: list[bytes], start: int, count: int) -> float:
    """Import photos; return how many a second."""
    started = time.monotonic()
    outcomes = [
        one.outcome.name for one in client.import_photos(photos_made.photos(looks, start, count))
    ]
    assert outcomes == ["ADDED"] * count, sorted(set(outcomes))
    return count / (time.monotonic() - started)


def print_table(few: dict[str, int], many: dict[str, int], added: int) -> bool:
    """Print both peaks and what lies between; return whether all is within the limits."""
    print(f"{'process':12} {'few MiB':>9} {'many MiB':>9} {'growth':>8}")
    good = True
    for name in sorted(few.keys() & many.keys()):
        grown = many[name] - few[name]
        allowed = LIMIT * few[name] + (INDEX_BYTES_A_SAMPLE * added if name == "index" else 0)
        good &= grown <= allowed
        mark = "" if grown <= allowed else "  TOO MUCH"
        share = f"{grown / few[name]:7.1%}"
        print(f"{name:12} {few[name] / MIB:9.1f} {many[name] / MIB:9.1f} {share:>8}{mark}")
    print(f"index: {(many['index'] - few['index']) / added:.0f} bytes a photo more")
    return good


def main() -> int:
    """Print the table. Exit code 1 if a process grew too much."""
    few = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    os.environ.setdefault("SEMAPIX_DETECTOR_OBJECTS", "none")
    os.environ.setdefault("SEMAPIX_DETECTOR_OCR", "none")
    looks = photos_made.looks()
    with (
        tempfile.TemporaryDirectory() as folder,
        house.started(Path(folder, "library"), "--no-web") as running,
        Client(running.address("gateway")) as client,
    ):
        rate = imported(client, looks, 0, few)
        before = peaks(running)
        print(f"{few} photos, {rate:.1f}/s", flush=True)
        rate = imported(client, looks, few, many - few)
        after = peaks(running)
        print(f"{many} photos, {rate:.1f}/s")
    return 0 if print_table(before, after, many - few) else 1


if __name__ == "__main__":
    sys.exit(main())
