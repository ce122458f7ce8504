"""Archives become their photos; what is evil in one is refused by its reason, the rest comes in."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from common.samples import Reason
from gateway.archives import form_of
from gateway.receiving import Outcome
from gateway.spool import Spool
from tests.unit.gateway import packed
from tests.unit.gateway.packed import picture, tarred, zipped
from tests.unit.gateway.unpacking_entries import (
    FILES,
    FORMS,
    LIMITS,
    left,
    own,
    photos,
    refused,
    taken,
)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, limit=2**20, archive_limit=2**26)


@pytest.mark.parametrize("form", FORMS)
async def test_each_entry_is_a_photo_named_behind_its_archive(form: str, spool: Spool) -> None:
    got = await taken(spool, packed.packed(form, FILES))
    assert photos(got) == {f"disk/old.zip/{name}": encoded for name, encoded in FILES.items()}
    assert [one.entry for one in got] == [1, 2, 3, 0]
    assert {one.item for one in got} == {7}
    assert own(got).outcome is Outcome.UNPACKED
    assert not left(spool)


@pytest.mark.parametrize("form", FORMS)
async def test_what_is_no_picture_is_left_out_and_counted(form: str, spool: Spool) -> None:
    files = {
        "read me.txt": b"no picture",
        "__MACOSX/._a.png": b"attributes",
        ".hidden/a.png": picture(),
        "recovered/file0001": picture(form="JPEG"),
        "page.jpg": b"<html>",
        "empty.png": b"",
    }
    got = await taken(spool, packed.packed(form, files))
    assert {source.rsplit("/", 1)[1] for source in photos(got)} == {"file0001", "page.jpg"}
    assert refused(got) == {"empty.png": Reason.EMPTY}
    assert own(got).message == "3 photos were found in it, 3 other files were left out"


@pytest.mark.parametrize("name", ["../../x.png", "/etc/x.png", "a/../../x.png", "C:\\x.png"])
@pytest.mark.parametrize("form", FORMS)
async def test_a_name_that_leads_out_is_refused(form: str, name: str, spool: Spool) -> None:
    got = await taken(spool, packed.packed(form, {name: picture(), "good.png": picture(1)}))
    assert list(refused(got).values()) == [Reason.UNSAFE]
    assert list(photos(got)) == ["disk/old.zip/good.png"]


async def test_links_pipes_and_devices_are_refused(spool: Spool) -> None:
    for kind in (packed.LINK, packed.PIPE):
        got = await taken(spool, packed.zip_with_kind("evil.png", kind))
        assert refused(got) == {"evil.png": Reason.UNSAFE}
        assert list(photos(got)) == ["disk/old.zip/good.png"]
    got = await taken(spool, packed.tar_with_kinds())
    assert refused(got) == {f"{number}.jpg": Reason.UNSAFE for number in range(5)}
    assert list(photos(got)) == ["disk/old.zip/good.png"]


async def test_an_encrypted_entry_is_refused_and_the_next_one_is_not(spool: Spool) -> None:
    got = await taken(spool, packed.encrypted_zip())
    assert refused(got) == {"secret.png": Reason.ENCRYPTED}
    assert list(photos(got)) == ["disk/old.zip/good.png"]


@pytest.mark.parametrize("form", FORMS)
async def test_archives_within_archives_are_read_to_a_depth(form: str, spool: Spool) -> None:
    nested = zipped({"in.png": picture(3)})
    for level in (2, 1):
        nested = packed.packed(form, {f"{level}.zip": nested, f"{level}.png": picture(level)})
    got = await taken(spool, nested)
    assert set(photos(got)) == {
        "disk/old.zip/1.png",
        "disk/old.zip/1.zip/2.png",
        "disk/old.zip/1.zip/2.zip/in.png",
    }
    shallow = await taken(spool, nested, replace(LIMITS, depth=2))
    assert refused(shallow) == {"1.zip/2.zip": Reason.ARCHIVE_LIMIT}
    assert len(photos(shallow)) == 2


async def test_a_zip_that_holds_itself_again_and_again_ends(spool: Spool) -> None:
    bomb = zipped({"a.png": picture()})
    for _ in range(6):
        bomb = zipped({f"{number}.zip": bomb for number in range(3)})
    got = await taken(spool, bomb, replace(LIMITS, entries=1000))
    assert set(refused(got).values()) == {Reason.ARCHIVE_LIMIT}
    assert len(got) == 3**3 + 1


@pytest.mark.parametrize("form", FORMS)
async def test_an_entry_too_many_ends_the_archive(form: str, spool: Spool) -> None:
    files = {f"{number}.png": picture(number) for number in range(8)}
    got = await taken(spool, packed.packed(form, files), replace(LIMITS, entries=5))
    assert len(photos(got)) == 5
    assert (own(got).outcome, own(got).reason) == (Outcome.REJECTED, Reason.ARCHIVE_LIMIT)
    assert "more than 5 entries" in own(got).message


@pytest.mark.parametrize("form", ["zip", "gzip", "bzip2", "xz"])
async def test_a_bomb_is_noticed_by_its_ratio(form: str, spool: Spool) -> None:
    noughts = bytes(2**20 - 1)
    files = {"good.png": picture(), **{f"{n:03}.png": noughts for n in range(90)}}
    got = await taken(spool, packed.packed(form, files), replace(LIMITS, entries=99))
    assert "packed more than 100 times" in own(got).message
    assert own(got).reason is Reason.ARCHIVE_LIMIT
    assert "disk/old.zip/good.png" in photos(got)


async def test_more_bytes_than_may_come_out_end_the_archive(spool: Spool) -> None:
    files = {f"{number}.png": picture() + bytes(1000) for number in range(9)}
    got = await taken(spool, tarred(files), replace(LIMITS, unpacked_bytes=5000))
    assert own(got).reason is Reason.ARCHIVE_LIMIT
    assert 1 <= len(photos(got)) <= 4


@pytest.mark.parametrize("form", FORMS)
async def test_an_entry_above_the_limit_of_a_photo_costs_itself(form: str, spool: Spool) -> None:
    files = {"big.png": bytes(range(256)) * 5000, "good.png": picture()}
    got = await taken(spool, packed.packed(form, files))
    assert refused(got) == {"big.png": Reason.TOO_LARGE}
    assert list(photos(got)) == ["disk/old.zip/good.png"]


def test_pictures_are_no_archives() -> None:
    for form in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"):
        assert form_of(picture(form=form)[:512]) is None
    assert form_of(b"") is None
    assert form_of(bytes(512)) is None


async def test_names_that_are_no_text_and_very_long_ones_are_told_all_the_same(
    spool: Spool,
) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in ("\udcff\udcfe.png", "long/" * 2000 + "x.png"):
            told = tarfile.TarInfo(name)
            told.size = len(picture())
            archive.addfile(told, io.BytesIO(picture()))
    got = await taken(spool, out.getvalue())
    assert [len(source) for source in photos(got)] == [len("disk/old.zip/??.png"), 4096]
    assert all(source.encode() for source in photos(got))
