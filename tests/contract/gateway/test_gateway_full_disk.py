"""A library on a disk that is full, at every size of the rest: clear outcomes, nothing lost."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import clients, errors
from semapix.v1 import gateway_pb2 as pb
from tests.contract.gateway.gateway_house import photo
from tests.contract.gateway.real_index import Kept, kept

SIZE = 8 * 2**20
PAGE = 4096
# What is left of the disk, in pages: every write of an import fails with one of them.
LEFT = (0, 1, 2, 4, 7, 12, 20, 60)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few MiB; skipped where nobody may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Filler:
    """A file that takes all of a disk but some pages."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "filler"

    def leave(self, pages: int) -> None:
        self.empty()
        state = os.statvfs(self._path.parent)
        with self._path.open("wb") as file:
            file.write(bytes(max(0, state.f_bavail * state.f_frsize - pages * PAGE)))

    def empty(self) -> None:
        self._path.unlink(missing_ok=True)


async def originals_are_whole(running: Kept, known: dict[str, bytes]) -> None:
    for photo_id, content in known.items():
        request = pb.DownloadOriginalRequest(photo_id=photo_id)
        answers = clients.stream(running.house.stub.DownloadOriginal(request))
        assert b"".join([one.chunk async for one in answers]) == content


async def test_full_disk_fails_the_photo_alone_and_it_goes_on_with_room(small_disk: Path) -> None:
    filler, outcomes = Filler(small_disk), []
    async with kept(small_disk, spare_bytes=0, patience_s=2.0) as running:
        known = dict(zip(running.ids, map(photo, ("red", "green", "blue")), strict=True))
        for number, pages in enumerate(LEFT, start=1):
            content = photo("white", seed=number, size=(400, 300))
            filler.leave(pages)
            (outcome,) = await running.house.imported(content)
            assert outcome.outcome in (pb.OUTCOME_ADDED, pb.OUTCOME_FAILED), outcome
            outcomes.append(outcome.outcome)
            if outcome.outcome == pb.OUTCOME_FAILED:
                assert "space" in outcome.message or "is full" in outcome.message
            assert len(await running.found("red")) == len(known) + (outcome.outcome == 1)
            await originals_are_whole(running, known)
            filler.empty()
            (again,) = await running.house.imported(content)
            assert again.outcome == (1 if outcome.outcome == pb.OUTCOME_FAILED else 2), again
            known[again.photo_id] = content
        await originals_are_whole(running, known)
        await running.house.idle()
        assert await running.checked() == []
    assert set(outcomes) == {pb.OUTCOME_ADDED, pb.OUTCOME_FAILED}


async def test_removal_on_a_full_disk_says_so_or_works(small_disk: Path) -> None:
    filler, refusals = Filler(small_disk), []
    async with kept(small_disk, spare_bytes=0) as running:
        for pages in (0, 1, 2, 4, 8):
            filler.leave(pages)
            try:
                assert await running.removed(running.ids[0]) == [0]
            except errors.Overloaded as error:
                refusals.append(str(error))
                filler.empty()
                assert await running.removed(running.ids[0]) == [0]
            filler.empty()
            assert running.ids[0] not in await running.found("red")
            (back,) = await running.house.imported(photo("red"))
            assert back.outcome == pb.OUTCOME_ADDED
        assert await running.checked() == []
    assert refusals
    assert all("is full" in refusal for refusal in refusals)
