"""Keeping house from the command line, against a real gateway over a real index."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from common import errors
from tests.contract.gateway.real_index import Kept, kept
from ui import main


async def run(running: Kept, *words: object, code: int = 0, say: str = "") -> Any:
    """Return what `semapix WORDS --json` prints."""
    line = [*map(str, words), "--json", "--gateway", running.house.address]
    result = await asyncio.to_thread(CliRunner().invoke, main.app, line, input=say)
    if isinstance(result.exception, errors.SemapixError):
        raise result.exception
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if result.stdout.startswith(("[", "{")) else result.stdout


async def test_removed_photos_can_be_seen_restored_and_deleted(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        red, green, blue = running.ids
        await run(running, "remove", red[:8], green)
        trash = await run(running, "trash", "list")
        assert {one["facts"]["photo_id"] for one in trash} == {red, green}
        assert all(one["trashed_at_s"] > 0 for one in trash)
        assert await run(running, "trash", "restore", red[:8]) == [
            {"id": red, "restored": True, "message": ""}
        ]
        assert await run(running, "trash", "empty", "--yes") == {"deleted": 1}
        assert [one["removed"] for one in await run(running, "remove", blue, "--permanently")] == [
            True
        ]
        assert running.house.originals() == {red}
        assert await run(running, "trash", "list") == []


async def test_restoring_needs_names(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        with pytest.raises(errors.InvalidInput, match="--all"):
            await run(running, "trash", "restore")
        with pytest.raises(errors.NotFound, match="semapix trash list"):
            await run(running, "trash", "restore", running.ids[0][:9])
        await run(running, "remove", *running.ids)
        assert len(await run(running, "trash", "restore", "--all")) == 3


async def test_check_tells_repairs_and_fails_while_something_is_wrong(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        clean = {"photos": 3, "found": 0, "repaired": 0, "findings": []}
        assert await run(running, "check") == clean
        stray = running.path("ab" * 32)
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"stray")
        report = await run(running, "check", code=1)
        assert [one["kind"] for one in report["findings"]] == ["orphan_original"]
        assert (await run(running, "check", "--repair"))["repaired"] == 1
        assert await run(running, "check") == clean
        running.path(running.ids[0]).unlink()
        report = await run(running, "check", "--repair", code=1)
        assert [one["id"] for one in report["findings"]] == [running.ids[0]]


async def test_nothing_is_cleared_unasked(tmp_path: Path) -> None:
    async with kept(tmp_path) as running:
        with pytest.raises(errors.Mismatch, match="all 3 photos"):
            await run(running, "clear")
        assert len(running.house.originals()) == 3
        assert await run(running, "clear", "--thumbnails") == {"deleted": 0}
        assert await run(running, "clear", "--yes") == {"deleted": 3}
        assert running.house.originals() == set()
