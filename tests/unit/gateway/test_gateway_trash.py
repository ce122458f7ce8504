"""The trash from the gateway's side: what a crash or a lost answer leaves is finished."""

from pathlib import Path

import pytest

from common import errors
from gateway import files, removing
from gateway.files import Files
from gateway.settings import Settings
from tests.unit.gateway.rows import Catalogue, settler


def kept(folder: Path) -> tuple[Files, str]:
    """Return opened files with one original and a thumbnail of it."""
    own = files.opened(Settings(folder=folder))
    upload = own.spool.receive()
    upload.add(b"picture")
    photo_id = upload.finish()
    own.originals.keep(photo_id, upload)
    thumbnail = folder / "thumbnails" / photo_id[:2] / photo_id[2:4] / photo_id / "64.jpg"
    thumbnail.parent.mkdir(parents=True)
    thumbnail.write_bytes(b"jpeg")
    return own, photo_id


def thumbnails(folder: Path) -> list[Path]:
    return list((folder / "thumbnails").rglob("*.jpg"))


async def test_trashed_photo_keeps_its_original_alone(tmp_path: Path) -> None:
    own, photo_id = kept(tmp_path)
    catalogue = Catalogue(photo_id)
    assert await removing.trashed(own, catalogue, [photo_id]) == [None]
    assert own.originals.has(photo_id)
    assert not thumbnails(tmp_path)
    assert not own.spool.unsettled()


async def test_answer_of_the_trash_that_got_lost_is_settled(tmp_path: Path) -> None:
    own, photo_id = kept(tmp_path)
    catalogue = Catalogue(photo_id)
    catalogue.away = True
    with pytest.raises(errors.Unavailable):
        await removing.trashed(own, catalogue, [photo_id])
    catalogue.away = False
    await settler(own, catalogue).settle(photo_id)
    assert own.originals.has(photo_id)
    assert not thumbnails(tmp_path)
    assert not own.spool.unsettled()


async def test_emptying_that_lost_its_answer_leaves_no_file(tmp_path: Path) -> None:
    own, photo_id = kept(tmp_path)
    catalogue = Catalogue()
    catalogue.bin.add(photo_id)
    catalogue.away = True
    with pytest.raises(errors.Unavailable):
        _ = [one async for one in removing.emptied(own, catalogue)]
    catalogue.away = False
    await settler(own, catalogue).settle(photo_id)
    assert not own.originals.has(photo_id)
    assert not own.spool.unsettled()


class LateRestore(Catalogue):
    """A trash from which a photo is taken back after it was listed."""

    async def purge(self, photo_ids: "list[str]") -> removing.Results:
        await self.untrash(photo_ids)
        return await super().purge(photo_ids)


async def test_photo_restored_meanwhile_is_not_emptied(tmp_path: Path) -> None:
    own, photo_id = kept(tmp_path)
    catalogue = LateRestore()
    catalogue.bin.add(photo_id)
    assert [one async for one in removing.emptied(own, catalogue)][-1] == (1, 1)
    assert catalogue.rows == {photo_id}
    assert own.originals.has(photo_id)
    assert not own.spool.unsettled()


async def test_bytes_of_a_rejected_photo_stay_as_long_as_the_list_names_it(tmp_path: Path) -> None:
    own = files.opened(Settings(folder=tmp_path))
    upload = own.spool.receive()
    upload.add(b"torn")
    photo_id = upload.finish()
    own.quarantine.keep(photo_id, upload)
    for rejected, left in (((photo_id,), True), ((), False)):
        own.spool.note(photo_id)
        await settler(own, Catalogue(), *rejected).settle(photo_id)
        assert own.quarantine.has(photo_id) is left
        assert not own.spool.unsettled()


async def test_a_photo_that_got_in_needs_no_rejected_bytes(tmp_path: Path) -> None:
    own, photo_id = kept(tmp_path)
    (tmp_path / "quarantine" / photo_id).write_bytes(b"picture")
    own.spool.note(photo_id)
    await settler(own, Catalogue(photo_id), photo_id).settle(photo_id)
    assert own.originals.has(photo_id)
    assert not own.quarantine.has(photo_id)
