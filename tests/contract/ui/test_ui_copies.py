"""Backups, restored libraries and exports, from a real gateway over a real index."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from common import errors
from common.samples import photo_id
from index_service import library as index_library
from index_service.settings import Settings
from tests.contract.gateway.gateway_house import photo
from tests.contract.gateway.real_index import COLOURS, Kept, kept
from ui import main


def ran(*words: object, code: int = 0) -> Any:
    """Return what `semapix WORDS --json` prints."""
    result = CliRunner().invoke(main.app, [*map(str, words), "--json"])
    if isinstance(result.exception, errors.SemapixError):
        raise result.exception
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


async def run(running: Kept, *words: object, code: int = 0) -> Any:
    line = (*words, "--gateway", running.house.address)
    return await asyncio.to_thread(ran, *line, code=code)


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file by its name."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def restored(backup: Path, folder: Path) -> set[str]:
    """Restore, open the catalogue as the index does, and return the photos in it."""
    ran("restore", backup, "--library", folder)
    settings = Settings(folder=folder / "index")
    with index_library.opened(settings) as opened, opened.reading() as connection:
        live = {row[0] for row in connection.execute("SELECT photo_id FROM photos")}
        trash = {row[0] for row in connection.execute("SELECT photo_id FROM trash")}
    originals = files(folder / "originals")
    assert originals.keys() == live | trash
    assert set(originals.values()) <= {photo(colour) for colour in COLOURS}
    return live


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
async def test_backup_of_a_library_in_use_becomes_a_library_again(
    tmp_path: Path, name: str
) -> None:
    async with kept(tmp_path / "library") as running:
        await running.removed(running.ids[0])
        done = await run(running, "backup", tmp_path / name)
        assert (done["photos"], done["fetched"], done["missing"]) == (3, 3, [])
        assert (await running.house.imported(photo("white")))[0].outcome == 1
    assert restored(tmp_path / name, tmp_path / "again") == set(running.ids[1:])
    known = files(tmp_path / "again" / "analyses")
    assert known == {"person.json": b"{}", "photo.json": b"[1,2]"}


async def test_a_backup_without_the_analysis_service_says_that_names_are_missing(
    tmp_path: Path,
) -> None:
    async with kept(tmp_path / "library") as running:
        await running.house.served["analysis"].stop()
        done = await run(running, "backup", tmp_path / "backup", code=1)
    assert (done["photos"], done["missing"]) == (3, [])
    assert "analysis does not answer" in done["nameless"]
    assert restored(tmp_path / "backup", tmp_path / "again") == set(running.ids)


async def test_later_backup_fetches_only_what_is_new(tmp_path: Path) -> None:
    async with kept(tmp_path / "library") as running:
        await run(running, "backup", tmp_path / "backup")
        (white,) = await running.house.imported(photo("white"))
        await running.removed(running.ids[0], permanently=True)
        done = await run(running, "backup", tmp_path / "backup")
        assert (done["photos"], done["fetched"]) == (3, 1)
    assert len(list((tmp_path / "backup").glob("catalogue-*.sqlite"))) == 1
    ran("restore", tmp_path / "backup", "--library", tmp_path / "again")
    assert files(tmp_path / "again" / "originals").keys() == {*running.ids[1:], white.photo_id}


async def test_lost_and_damaged_originals_are_told_and_the_rest_is_backed_up(
    tmp_path: Path,
) -> None:
    async with kept(tmp_path / "library") as running:
        running.path(running.ids[0]).unlink()
        done = await run(running, "backup", tmp_path / "backup", code=1)
        assert done["missing"] == [running.ids[0]]
        running.path(running.ids[1]).write_bytes(b"other")
        outside = tmp_path / "outside.jpg"
        outside.write_bytes(photo("white"))
        await run(running, "import", outside, "--in-place", "--no-wait")
        outside.unlink()
        done = await run(running, "backup", tmp_path / "second", code=1)
        assert done["missing"] == sorted([*running.ids[:2], photo_id(photo("white"))])
    done = ran("restore", tmp_path / "backup", "--library", tmp_path / "again")
    assert done["missing"] == [running.ids[0]]


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """A whole backup."""
    async with kept(tmp_path / "library") as running:
        await run(running, "backup", tmp_path / "backup")
    return tmp_path / "backup"


def contents(folder: Path) -> dict[Path, bytes]:
    """Return the content of every file by its path."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_damaged_backup_is_never_restored(backup: Path, tmp_path: Path) -> None:
    for number, (path, content) in enumerate(contents(backup).items()):
        path.write_bytes(content[:-1] + b"?")
        with pytest.raises(errors.DataLoss):
            ran("restore", backup, "--library", tmp_path / str(number))
        assert not (tmp_path / str(number) / "index" / "catalogue.sqlite").exists()
        path.write_bytes(content)
    ran("restore", backup, "--library", tmp_path / "0")


async def test_library_is_not_overwritten_and_strangers_folders_are_left_alone(
    backup: Path, tmp_path: Path
) -> None:
    with pytest.raises(errors.Mismatch, match="is a library already"):
        ran("restore", backup, "--library", tmp_path / "library")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "novel.txt").touch()
    with pytest.raises(errors.Mismatch, match=r"has other files in it \(novel.txt\)"):
        ran("restore", backup, "--library", tmp_path / "full")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "file").touch()
    async with kept(tmp_path / "other") as running:
        with pytest.raises(errors.InvalidInput, match="name another"):
            await run(running, "backup", tmp_path / "strange")
    with pytest.raises(errors.NotFound, match="no backup"):
        ran("restore", tmp_path / "strange", "--library", tmp_path / "new")


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "catalogue.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("copy", [False, True])
async def test_export_has_originals_facts_samples_and_vectors(tmp_path: Path, copy: bool) -> None:
    async with kept(tmp_path / "library") as running:
        words = ["--copy"] * copy
        done = await run(running, "export", tmp_path / "out", "--all", "--vectors", *words)
        assert (done["photos"], done["linked"]) == (3, 0 if copy else 3)
        found = lines(tmp_path / "out")
    assert {one["photo_id"] for one in found} == set(running.ids)
    originals = {photo(colour) for colour in COLOURS}
    assert {(tmp_path / "out" / one["file"]).read_bytes() for one in found} == originals
    for sample in (sample for one in found for sample in one["samples"]):
        assert sum(value**2 for value in sample["vector"]) == pytest.approx(1, abs=1e-4)
    assert {one["samples"][0]["kind"] for one in found} == {"photo"}


async def test_export_of_an_answer_and_of_names_alone(tmp_path: Path) -> None:
    async with kept(tmp_path / "library") as running:
        await run(running, "export", tmp_path / "red", "--query", "red", "--top", 1)
        assert [one["photo_id"] for one in lines(tmp_path / "red")] == [running.ids[0]]
        await run(running, "export", tmp_path / "ids", "--ids", running.ids[1][:8])
        (green,) = lines(tmp_path / "ids")
        assert green["photo_id"] == running.ids[1]
        assert "vector" not in green["samples"][0]
        with pytest.raises(errors.InvalidInput, match="say which"):
            await run(running, "export", tmp_path / "none")
        with pytest.raises(errors.InvalidInput, match="not empty"):
            await run(running, "export", tmp_path / "red", "--all")
        running.path(running.ids[2]).unlink()
        done = await run(running, "export", tmp_path / "rest", "--all", code=1)
        assert [problem[0] for problem in done["problems"]] == [running.ids[2]]
        assert done["photos"] == 2


async def test_export_has_a_parquet_file_where_that_can_be_written(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    async with kept(tmp_path / "library") as running:
        await run(running, "export", tmp_path / "out", "--all", "--vectors")
    rows = parquet.read_table(tmp_path / "out" / "catalogue.parquet").to_pylist()
    samples = [sample for one in lines(tmp_path / "out") for sample in one["samples"]]
    assert {row["sample_id"] for row in rows} == {sample["sample_id"] for sample in samples}
    assert all(len(row["vector"]) == 4 for row in rows)
    assert {row["photo_id"] for row in rows} == set(running.ids)
    facts = {
        one["photo_id"]: (one["perceptual_hash"], one["taken"]) for one in lines(tmp_path / "out")
    }
    for row in rows:
        told = {key: row[key] for key in ("camera_make", "camera_model", "latitude", "longitude")}
        perceptual_hash, taken = facts[row["photo_id"]]
        assert (row["perceptual_hash"], row["taken_at_s"]) == (perceptual_hash, taken["at_s"])
        assert told.items() <= taken.items()
