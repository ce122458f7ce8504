"""Archives become their photos; what is evil in one is refused by its reason, the rest comes in."""

import contextlib
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.samples import Reason
from gateway.archives import ArchiveLimits, form_of
from gateway.receiving import Imported, Outcome, Received
from gateway.spool import Spool
from gateway.unpacking import Found, unpacked
from tests.unit.gateway import packed
from tests.unit.gateway.packed import picture, tarred, zipped

FORMS = ("zip", "tar", "gzip", "bzip2", "xz")
FILES = {"a.png": picture(1), "deep/er/b ☃\n.png": picture(2), "c.png": picture(3)}
LIMITS = ArchiveLimits(entries=50, unpacked_bytes=2**27, ratio=100)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, limit=2**20, archive_limit=2**26)


async def taken(spool: Spool, archive: bytes, limits: ArchiveLimits = LIMITS) -> list[Found]:
    """Return what an archive becomes; the photos keep their bytes as `source`'s companions."""
    upload = spool.receive()
    upload.add(archive)
    received = Received(7, "disk/old.zip", upload.finish(), upload)

    async def found() -> AsyncIterator[Found]:
        yield received

    got: list[Found] = []
    async with contextlib.aclosing(unpacked(found(), spool, limits)) as photos:
        async for one in photos:
            got.append(one)
            if isinstance(one, Received):
                CONTENT[one.photo_id] = one.upload.path.read_bytes()
                one.upload.discard()
    return got


CONTENT: dict[str, bytes] = {}


def left(spool: Spool) -> list[Path]:
    """Return the uploads that nobody has dropped."""
    return list(spool._own.glob("*.part"))


def photos(got: list[Found]) -> dict[str, bytes]:
    return {one.source: CONTENT[one.photo_id] for one in got if isinstance(one, Received)}


def refused(got: list[Found]) -> dict[str, Reason]:
    inside = [one for one in got if isinstance(one, Imported) and one.entry]
    return {one.source.removeprefix("disk/old.zip/"): one.reason for one in inside}


def own(got: list[Found]) -> Imported:
    """Return the archive's own outcome, which comes last."""
    last = got[-1]
    assert isinstance(last, Imported)
    assert (last.item, last.source, last.entry) == (7, "disk/old.zip", 0)
    return last


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


async def test_a_damaged_entry_of_a_zip_costs_itself(spool: Spool) -> None:
    whole = bytearray(zipped(FILES, zipfile.ZIP_STORED))
    whole[whole.index(FILES["a.png"]) + 20] ^= 255
    got = await taken(spool, bytes(whole))
    assert refused(got) == {"a.png": Reason.DAMAGED}
    assert len(photos(got)) == 2
    assert own(got).outcome is Outcome.UNPACKED


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tenths", range(1, 10))
async def test_a_truncated_archive_is_never_taken_for_a_whole_one(
    form: str, tenths: int, spool: Spool
) -> None:
    whole = packed.packed(form, FILES)
    if form == "tar":
        whole = whole[: 512 * 8]  # up to its end mark; the rest is padding
    got = await taken(spool, whole[: len(whole) * tenths // 10])
    if isinstance(got[-1], Received):
        assert (form, tenths) == ("tar", 1)  # less than a header is no archive
        return
    if own(got).outcome is Outcome.UNPACKED:  # only what comes after the end of the tar is gone
        assert (len(photos(got)), form, tenths) == (3, "xz", 9)
        return
    assert own(got).outcome is Outcome.REJECTED
    assert own(got).reason is Reason.DAMAGED
    for source, encoded in photos(got).items():
        assert FILES[source.removeprefix("disk/old.zip/")] == encoded


async def test_a_header_without_measure_is_refused_before_it_is_read(spool: Spool) -> None:
    told = tarfile.TarInfo("pax")
    told.type, told.size = tarfile.XHDTYPE, 2**34
    archive = told.tobuf(tarfile.GNU_FORMAT) + bytes(10_000)
    got = await taken(spool, archive)
    assert own(got).reason is Reason.ARCHIVE_LIMIT


async def test_a_list_of_entries_without_measure_is_refused_before_it_is_read(
    spool: Spool,
) -> None:
    names = {f"{'x' * 200}{number:05}.png": b"" for number in range(1000)}
    got = await taken(spool, zipped(names), replace(LIMITS, entries=10))
    assert (len(got), own(got).reason) == (1, Reason.ARCHIVE_LIMIT)


async def test_an_xz_that_wants_gigabytes_of_memory_is_refused(spool: Spool) -> None:
    whole = bytearray(packed.tarred(FILES, "xz"))
    properties = whole.index(b"\x21\x01", 12) + 2  # LZMA2, one byte: the size of its dictionary
    whole[properties] = 40
    header = whole[12 : 12 + 4 * (whole[12] + 1) - 4]
    struct.pack_into("<I", whole, 12 + len(header), zlib.crc32(bytes(header)))
    got = await taken(spool, bytes(whole))
    assert own(got).reason is Reason.DAMAGED
    assert "emory" in own(got).message


async def test_something_packed_that_is_no_tar_is_no_picture(spool: Spool) -> None:
    got = await taken(spool, packed.COMPRESS["gzip"](picture()))
    assert own(got).reason is Reason.NOT_AN_IMAGE
    assert "no tar is in it" in own(got).message


async def test_many_streams_in_one_file_are_one_archive(spool: Spool) -> None:
    whole = tarred(FILES)
    for form in ("gzip", "bzip2", "xz"):
        compress = packed.COMPRESS[form]
        got = await taken(spool, compress(whole[:700]) + compress(whole[700:]))
        assert len(photos(got)) == 3


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


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(FORMS), st.data())
async def test_no_bytes_break_the_reader(spool: Spool, form: str, draw: st.DataObject) -> None:
    whole = bytearray(packed.packed(form, FILES))
    for _ in range(draw.draw(st.integers(1, 6))):
        at = draw.draw(st.integers(0, len(whole) - 1))
        size = draw.draw(st.sampled_from([1, 1, 1, 4, 40]))
        whole[at : at + size] = draw.draw(st.binary(min_size=0, max_size=size))
        whole = whole or bytearray(b"x")
    got = await taken(spool, bytes(whole))
    assert got
    assert not left(spool)
    outcomes = [one.outcome for one in got if isinstance(one, Imported) and not one.entry]
    assert outcomes in ([], [Outcome.UNPACKED], [Outcome.REJECTED])
