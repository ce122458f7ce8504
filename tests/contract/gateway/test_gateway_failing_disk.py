"""Every single write fails once: a clear outcome, nothing lost, and on it goes with room."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common import clients, errors
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import imports_pb2 as imports
from tests.contract.gateway.failing_disk import FailingDisk
from tests.contract.gateway.gateway_house import photo
from tests.contract.gateway.real_index import Kept, kept

MOST_WRITES = 60
ADDED, DUPLICATE = pb.OUTCOME_ADDED, pb.OUTCOME_DUPLICATE
REJECTED, FAILED = pb.OUTCOME_REJECTED, pb.OUTCOME_FAILED
Work = Callable[[int], Awaitable[bool]]


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FailingDisk:
    return FailingDisk(tmp_path / "library", monkeypatch)


async def fails_at_every_write(disk: FailingDisk, work: Work) -> set[str]:
    """Do the work with its first, second, third... write failing; return what failed.

    The work returns whether it was done. It must be if no write failed, and be done with room.
    """
    failed: set[str] = set()
    for writes in range(MOST_WRITES):
        disk.fail_after(writes)
        done = await work(writes)
        broken = disk.failed
        disk.mend()
        assert done or broken, f"it fails, but no write did after {writes}"
        assert done or await work(writes), f"it does not go on after write {writes} failed"
        if not broken:
            return failed
        failed.update(broken)
    raise AssertionError(f"more than {MOST_WRITES} writes")


def told(outcome: Any, *good: int) -> bool:
    """Return whether it is a good outcome; a failure says that there is no room."""
    assert outcome.outcome in (*good, FAILED), outcome
    if outcome.outcome == FAILED:
        assert "space" in outcome.message or "is full" in outcome.message, outcome
    return outcome.outcome != FAILED


async def all_is_well(running: Kept) -> None:
    await running.house.idle()
    assert await running.checked() == []
    for colour, photo_id in zip(("red", "green", "blue"), running.ids, strict=True):
        request = pb.DownloadOriginalRequest(photo_id=photo_id)
        answers = clients.stream(running.house.stub.DownloadOriginal(request))
        assert b"".join([one.chunk async for one in answers]) == photo(colour)


async def test_an_import_fails_at_any_write_and_goes_on(tmp_path: Path, disk: FailingDisk) -> None:
    async with kept(tmp_path / "library", spare_bytes=0) as running:

        async def work(number: int) -> bool:
            (outcome,) = await running.house.imported(photo("white", seed=number))
            assert len(await running.found("red")) >= 3
            return told(outcome, ADDED, DUPLICATE)

        failed = await fails_at_every_write(disk, work)
        await all_is_well(running)
    assert failed >= {"open", "write", "fsync", "replace", "mkdir"}


async def test_an_import_in_place_fails_at_any_write_and_goes_on(
    tmp_path: Path, disk: FailingDisk
) -> None:
    async with kept(tmp_path / "library", spare_bytes=0) as running:
        request = imports.CreateImportRequest(import_id="here", in_place=True)
        await clients.call(running.house.imports.CreateImport(request, timeout=10))

        async def work(number: int) -> bool:
            path = tmp_path / f"{number}.jpg"
            path.write_bytes(photo("white", seed=number))

            def requests() -> Iterator[imports.ImportPathsRequest]:
                yield imports.ImportPathsRequest(path=str(path), import_id="here")

            call = running.house.imports.ImportPaths(requests(), timeout=30)
            (outcome,) = [one.outcome async for one in clients.stream(call)]
            return told(outcome, ADDED, DUPLICATE)

        await fails_at_every_write(disk, work)
        await all_is_well(running)


async def test_a_photo_is_rejected_at_any_write_with_or_without_its_bytes(
    tmp_path: Path, disk: FailingDisk
) -> None:
    async with kept(tmp_path / "library", spare_bytes=0) as running:

        async def work(number: int) -> bool:
            (outcome,) = await running.house.imported(b"no picture %d" % number)
            return told(outcome, REJECTED)

        await fails_at_every_write(disk, work)
        await all_is_well(running)


@pytest.mark.parametrize("permanently", [False, True])
async def test_a_removal_fails_at_any_write_and_goes_on(
    tmp_path: Path, disk: FailingDisk, permanently: bool
) -> None:
    async with kept(tmp_path / "library", spare_bytes=0) as running:
        outcomes = [await running.house.imported(photo("white", seed=seed)) for seed in range(15)]

        refusals: list[str] = []

        async def work(number: int) -> bool:
            photo_id = outcomes[number][0].photo_id
            try:
                (code,) = await running.removed(photo_id, permanently=permanently)
            except errors.Overloaded as error:
                refusals.append(str(error))
                return False
            assert code in (0, 5)
            return True

        await fails_at_every_write(disk, work)
        await all_is_well(running)
    assert refusals
    assert all("is full" in refusal for refusal in refusals)
