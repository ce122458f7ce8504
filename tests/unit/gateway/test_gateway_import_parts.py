"""Parts of an import by themselves: speed, the journal's batches, the quarantine, references."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from common import errors
from common.imports import ImportRecord, ImportState, Item, Outcome
from gateway import references
from gateway.journal import Journal
from gateway.ledger import RecordPage
from gateway.patience import Patience
from gateway.quarantine import Quarantine
from gateway.references import References
from gateway.runs import Runs
from gateway.speed import Speed
from gateway.spool import Spool, Upload


def test_speed_is_that_of_the_last_seconds_and_ends_when_nothing_happens() -> None:
    now = [100.0]
    speed = Speed(30.0, clock=lambda: now[0])
    assert speed.per_s == 0
    for _ in range(5):
        speed.note()
        now[0] += 2.0
    assert speed.per_s == 0.5
    now[0] += 50.0
    assert speed.per_s == 0


class Imports:
    """A book with one import in it."""

    def __init__(self) -> None:
        self.states: list[ImportState] = []

    async def open(self, record: ImportRecord) -> ImportRecord:
        return record

    async def record(self, import_id: str) -> ImportRecord:
        return ImportRecord(import_id)

    async def records(
        self, *, size: int = 0, token: str = "", state: ImportState | None = None
    ) -> RecordPage:
        raise AssertionError("nobody asks")

    async def set_state(self, import_id: str, state: ImportState) -> ImportRecord:
        self.states.append(state)
        return ImportRecord(import_id, state)


async def test_an_import_is_interrupted_when_the_last_of_its_streams_breaks() -> None:
    book, other = Imports(), asyncio.create_task(asyncio.sleep(0))
    runs = Runs(book, Patience(1.0))
    await runs.begin(ImportRecord("one"))
    run = await runs.run("one")

    async def broken() -> None:
        async with runs.joined("one"):
            raise OSError("the client went away")

    run.streams.add(other)
    with pytest.raises(OSError, match="went away"):
        await broken()
    assert (book.states, runs.find("one")) == ([], run)
    run.streams.discard(other)
    with pytest.raises(OSError, match="went away"):
        await broken()
    assert (book.states, runs.find("one")) == ([ImportState.INTERRUPTED], None)


class SlowBook:
    """Writes one batch at a time, and fails on the import "bad"."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, int]] = []

    async def note(self, import_id: str, items: Sequence[Item]) -> None:
        await asyncio.sleep(0.01)
        if import_id == "bad":
            raise errors.NotFound("there is no import bad")
        self.batches.append((import_id, len(items)))

    async def look_up(self, import_id: str, items: Sequence[Item]) -> list[Item]:
        raise AssertionError("nobody asks")


async def test_outcomes_that_wait_are_written_together_and_one_bad_import_fails_no_other() -> None:
    book = SlowBook()
    journal = Journal(book, Patience(1.0))
    items = [Item(f"{number}", "", Outcome.FAILED) for number in range(50)]
    async with journal.running():
        notes = [journal.note("good", item) for item in items]
        results = await asyncio.gather(
            *notes, journal.note("bad", items[0]), return_exceptions=True
        )
    assert sum(size for _, size in book.batches) == 50
    assert len(book.batches) <= 3
    assert [type(one) for one in results if one] == [errors.NotFound]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", limit=1000)


def received(spool: Spool, content: bytes) -> tuple[str, Upload]:
    upload = spool.receive()
    upload.add(content)
    return upload.finish(), upload


def test_quarantine_keeps_what_fits_and_knows_it_when_opened_again(
    tmp_path: Path, spool: Spool
) -> None:
    first_id, first = received(spool, b"a" * 60)
    second_id, second = received(spool, b"b" * 60)
    quarantine = Quarantine(tmp_path / "kept", most_bytes=100)
    assert quarantine.keep(first_id, first)
    assert not quarantine.keep(second_id, second)
    again = Quarantine(tmp_path / "kept", most_bytes=100)
    assert again.has(first_id)
    assert not again.keep(second_id, second)
    again.drop(first_id)
    assert again.keep(second_id, second)
    assert quarantine.path(second_id).read_bytes() == b"b" * 60


def test_a_reference_outlives_the_process_and_notices_what_happens_to_its_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "näme\n.jpg"
    file.write_bytes(b"photo")
    photo_id, reference = references.hashed(file, limit=10)
    References(tmp_path / "refs").keep(photo_id, reference)
    found = References(tmp_path / "refs").find(photo_id)
    assert found == reference
    assert photo_id == hashlib.sha256(b"photo").hexdigest()
    reference.check()
    os.utime(file, ns=(1, 1))
    with pytest.raises(errors.DataLoss, match="has changed"):
        reference.check()
    file.unlink()
    with pytest.raises(errors.DataLoss, match="is missing"):
        reference.check()


def test_a_file_above_the_limit_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    file.write_bytes(b"x" * 11)
    with pytest.raises(errors.InvalidInput, match="more than 10 bytes"):
        references.hashed(file, limit=10)
