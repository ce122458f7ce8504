"""Damaged and boundless archives: what is whole of them comes in, the rest is told."""

import struct
import tarfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.samples import Reason
from gateway.receiving import Imported, Outcome, Received
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


async def test_a_damaged_entry_of_a_zip_costs_itself(spool: Spool) -> None:
    whole = bytearray(zipped(FILES, zipfile.ZIP_STORED))
    whole[whole.index(FILES["a.png"]) + 20] ^= 255
    got = await taken(spool, bytes(whole))
    assert refused(got) == {"a.png": Reason.DAMAGED}
    assert len(photos(got)) == 2
    assert own(got).outcome is Outcome.UNPACKED


async def test_an_entry_without_a_name_is_read_as_any_other(spool: Spool) -> None:
    nameless = zipped(FILES).replace(b"a.png", b"\0.png")
    got = await taken(spool, nameless)
    assert own(got).outcome is Outcome.UNPACKED
    assert len(photos(got)) == len(FILES)


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


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
