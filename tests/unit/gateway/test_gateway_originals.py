"""Originals, uploads and notes on disk: what a crash between two steps leaves can be told."""

import asyncio
import dataclasses
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from common import errors
from gateway import files, removing, settling
from gateway.admission import Admission
from gateway.archives import ArchiveLimits
from gateway.files import Files
from gateway.flow import Flow
from gateway.importing import Importer
from gateway.receiving import Piece
from gateway.runs import Run
from gateway.settings import Settings
from gateway.spool import Spool, TooManyBytes, Upload
from tests.unit.gateway.rows import Catalogue, settler


class SlowSpool(Spool):
    """A spool on a slow disk."""

    def receive(self) -> Upload:
        time.sleep(0.2)
        return super().receive()


def opened(folder: Path) -> Files:
    return files.opened(Settings(folder=folder, photo_bytes=1000))


def received(spool: Spool, content: bytes) -> tuple[str, Upload]:
    upload = spool.receive()
    upload.add(content)
    return upload.finish(), upload


def crash(own: Files) -> None:
    """Give up the lock as the kernel does for a process that dies; files stay."""
    assert own.spool._lock is not None
    own.spool._lock.close()
    own.spool._lock = None


def test_an_original_lies_under_its_hash(tmp_path: Path) -> None:
    own = opened(tmp_path)
    photo_id, upload = received(own.spool, b"picture")
    own.originals.keep(photo_id, upload)
    assert photo_id == hashlib.sha256(b"picture").hexdigest()
    path = tmp_path / "originals" / photo_id[:2] / photo_id[2:4] / photo_id
    assert path.read_bytes() == b"picture"
    assert (own.originals.has(photo_id), own.originals.total_bytes) == (True, 7)
    assert not upload.path.exists()


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    own = opened(tmp_path)
    for _ in range(2):
        photo_id, upload = received(own.spool, b"picture")
        own.originals.keep(photo_id, upload)
        upload.discard()
    assert own.originals.total_bytes == 7
    assert not list((tmp_path / "spool").rglob("*.part"))
    assert opened(tmp_path).originals.total_bytes == 7


def test_an_upload_above_the_limit_is_refused_while_it_is_received(tmp_path: Path) -> None:
    upload = opened(tmp_path).spool.receive()
    upload.add(b"x" * 1000)
    with pytest.raises(TooManyBytes):
        upload.add(b"x")
    assert upload.path.stat().st_size <= 1000
    upload.discard()
    assert not upload.path.exists()


def test_a_start_drops_the_uploads_of_the_dead_but_not_of_the_living(tmp_path: Path) -> None:
    dead, living = opened(tmp_path), opened(tmp_path)
    lost, kept = dead.spool.receive(), living.spool.receive()
    crash(dead)
    opened(tmp_path).spool.adopt_abandoned()
    assert (lost.path.exists(), kept.path.exists()) == (False, True)
    lost.discard()
    kept.discard()


async def settled(folder: Path, catalogue: Catalogue) -> Files:
    """Start again over `folder` and let it settle what it finds."""
    own = opened(folder)
    work = asyncio.create_task(settler(own, catalogue).run())
    for _ in range(200):
        await asyncio.sleep(0.01)
        if not own.spool.unsettled() and len(list((folder / "spool").iterdir())) == 1:
            break
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert not own.spool.unsettled()
    return own


@pytest.mark.parametrize("committed", [False, True])
async def test_a_crash_before_the_row_leaves_no_original_and_after_it_keeps_it(
    tmp_path: Path, committed: bool
) -> None:
    own = opened(tmp_path)
    photo_id, upload = received(own.spool, b"picture")
    own.keep(photo_id, upload)
    crash(own)
    catalogue = Catalogue(*[photo_id] * committed)
    again = await settled(tmp_path, catalogue)
    assert again.originals.has(photo_id) is committed


async def test_a_row_that_is_still_on_its_way_when_the_gateway_is_back_keeps_its_original(
    tmp_path: Path,
) -> None:
    own = opened(tmp_path)
    photo_id, upload = received(own.spool, b"picture")
    own.keep(photo_id, upload)
    crash(own)
    catalogue = Catalogue()
    catalogue.on_its_way.add(photo_id)
    again = await settled(tmp_path, catalogue)
    assert again.originals.has(photo_id)
    assert catalogue.rows == {photo_id}


async def test_a_crash_between_row_and_file_of_a_removal_is_finished(tmp_path: Path) -> None:
    own = opened(tmp_path)
    photo_id, upload = received(own.spool, b"picture")
    own.originals.keep(photo_id, upload)
    catalogue = Catalogue(photo_id)
    catalogue.away = True
    with pytest.raises(errors.Unavailable):
        await removing.removed(own, catalogue, [photo_id])
    assert own.originals.has(photo_id)
    crash(own)
    catalogue.away = False
    again = await settled(tmp_path, catalogue)
    assert not again.originals.has(photo_id)


async def test_a_removal_that_did_not_reach_the_index_keeps_the_photo(tmp_path: Path) -> None:
    own = opened(tmp_path)
    photo_id, upload = received(own.spool, b"picture")
    own.originals.keep(photo_id, upload)
    own.spool.note(photo_id)
    crash(own)
    again = await settled(tmp_path, Catalogue(photo_id))
    assert again.originals.has(photo_id)


async def test_nothing_is_removed_while_the_index_is_away(tmp_path: Path) -> None:
    own, catalogue = opened(tmp_path), Catalogue()
    photo_id, upload = received(own.spool, b"picture")
    own.keep(photo_id, upload)
    catalogue.away = True
    with pytest.raises(errors.Unavailable):
        await settler(own, catalogue).settle(photo_id)
    assert own.originals.has(photo_id)
    assert own.spool.unsettled() == [photo_id]


async def test_settling_goes_on_after_whatever_befalls_one_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "SETTLE_EVERY_S", 0.01)
    own, catalogue = opened(tmp_path), Catalogue()
    catalogue.failures = [errors.DataLoss("damaged"), OSError("disk"), errors.Unavailable("index")]
    photos = [received(own.spool, content) for content in (b"one", b"two")]
    for photo_id, upload in photos:
        own.keep(photo_id, upload)
    crash(own)
    again = await settled(tmp_path, catalogue)
    assert not any(again.originals.has(photo_id) for photo_id, _ in photos)


async def test_a_client_that_goes_away_while_a_piece_is_written_leaves_no_upload(
    tmp_path: Path,
) -> None:
    own = dataclasses.replace(opened(tmp_path), spool=SlowSpool(tmp_path / "slow", limit=1000))
    importer = Importer(
        own.spool,
        cast("Admission", None),  # nothing gets as far as that
        Flow(1),
        most_bytes=1000,
        limits=ArchiveLimits(),
    )

    async def pieces() -> AsyncIterator[Piece]:
        yield Piece(0, "last words", b"x", last=True)

    outcomes = importer.outcomes(pieces(), Run("import-1"))
    reading = asyncio.ensure_future(anext(outcomes))
    await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert not list((tmp_path / "slow").rglob("*.part"))


async def test_settling_waits_for_the_import_that_holds_the_photo(tmp_path: Path) -> None:
    own, catalogue = opened(tmp_path), Catalogue()
    photo_id, upload = received(own.spool, b"picture")
    async with own.claims.holding(photo_id):
        own.keep(photo_id, upload)
        settling = asyncio.create_task(settler(own, catalogue).settle(photo_id))
        await asyncio.sleep(0.02)
        assert own.originals.has(photo_id)
        catalogue.rows.add(photo_id)
        own.spool.settled(photo_id)
    await settling
    assert own.originals.has(photo_id)


def test_young_notes_are_not_doubtful(tmp_path: Path) -> None:
    spool = opened(tmp_path).spool
    spool.note("young", "old")
    note = next(tmp_path.rglob("old"))
    os.utime(note, (1, 1))
    assert spool.unsettled(older_than_s=60) == ["old"]
    assert spool.unsettled() == ["old", "young"]


async def there(photo_id: str) -> bool:
    return True


async def test_a_removal_during_a_thumbnail_leaves_no_thumbnail(tmp_path: Path) -> None:
    own = files.opened(Settings(folder=tmp_path))
    source = tmp_path / "red.png"
    Image.new("RGB", (2000, 2000), "red").save(source)
    photo_id, upload = received(own.spool, source.read_bytes())
    own.originals.keep(photo_id, upload)
    making = asyncio.create_task(own.thumbnails.jpeg(photo_id, 64, made_for=there))
    await asyncio.sleep(0.01)
    own.remove(photo_id)
    await asyncio.gather(making, return_exceptions=True)
    assert not list((tmp_path / "thumbnails").rglob("*.jpg"))
