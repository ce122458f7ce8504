"""Drafts of references that a crash left go; what is being written, and what is no draft, stays."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from gateway import files, settling
from gateway.references import Reference
from gateway.settings import Settings
from tests.unit.gateway.rows import Catalogue, settler

PHOTO = "ab" * 32


async def test_drafts_that_a_crash_left_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "SETTLE_EVERY_S", 0.01)
    own = files.opened(Settings(folder=tmp_path))
    own.originals.refer(PHOTO, Reference(tmp_path / "a.jpg", 1, 1))
    folder = tmp_path / "references" / "ab" / "ab"
    left, young, strange = folder / f".{PHOTO}.01234567", folder / ".young", folder / "strange"
    for path in (left, young, strange):
        path.write_bytes(b"{")
    for path in (left, strange, folder / PHOTO):
        os.utime(path, (1, 1))
    os.utime(young, (time.time() + 3600,) * 2)
    running = asyncio.create_task(settler(own, Catalogue()).run())
    async with asyncio.timeout(20):
        while left.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    assert {path.name for path in folder.iterdir()} == {PHOTO, ".young", "strange"}
    assert own.strangers() == [strange]
