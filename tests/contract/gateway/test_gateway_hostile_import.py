"""Hostile input through the real stream: each has its outcome, and the next photo comes in."""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from semapix.v1 import gateway_pb2 as pb
from tests.contract.gateway.gateway_house import House, house, photo, until
from tests.unit.gateway import packed

ADDED, DUPLICATE = pb.OUTCOME_ADDED, pb.OUTCOME_DUPLICATE
REJECTED, UNPACKED = pb.OUTCOME_REJECTED, pb.OUTCOME_UNPACKED


def named(files: Iterable[tuple[str, bytes]]) -> Iterator[pb.ImportPhotosRequest]:
    """Yield files as items in pieces, each under its name."""
    for item, (name, encoded) in enumerate(files):
        for at in range(0, max(len(encoded), 1), 2**20):
            end = at + 2**20
            yield pb.ImportPhotosRequest(
                item=item, source=name, chunk=encoded[at:end], last=end >= len(encoded)
            )


async def sent(running: House, *files: tuple[str, bytes]) -> list[pb.ImportPhotosResponse]:
    return await running.sent(named(files))


def inside(outcomes: list[pb.ImportPhotosResponse], item: int = 0) -> dict[str, int]:
    """Return the outcomes of the photos of an archive by their source."""
    return {one.source: one.outcome for one in outcomes if one.item == item and one.entry}


def jpeg_header(width: int, height: int) -> bytes:
    """Return a JPEG that says it is that large."""
    whole = bytearray(photo("red"))
    at = whole.index(b"\xff\xc0") + 5
    struct.pack_into(">HH", whole, at, height, width)
    return bytes(whole)


def png_of_noughts(width: int, height: int) -> bytes:
    """Return a grey PNG of few bytes and many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    row = bytes(width + 1)
    packer = zlib.compressobj(9)
    packed_rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    ends = chunk(b"IDAT", packed_rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + ends


def jpeg_of_many_scans() -> bytes:
    """Return a JPEG of less than a megabyte that takes minutes: one scan comes 20,000 times."""
    out = io.BytesIO()
    Image.new("L", (4_000, 4_000), "white").save(out, "JPEG", progressive=True)
    whole, end = out.getvalue()[:-2], out.getvalue()[-2:]
    return whole + whole[whole.rindex(b"\xff\xda") :] * 20_000 + end


async def test_each_hostile_photo_is_rejected_by_its_reason(tmp_path: Path) -> None:
    hostile = {
        "bomb.png": (png_of_noughts(2_000, 2_000), pb.REJECT_REASON_TOO_LARGE),
        "giant.jpg": (jpeg_header(50_000, 50_000), pb.REJECT_REASON_TOO_LARGE),
        "empty.jpg": (b"", pb.REJECT_REASON_EMPTY),
        "page.jpg": (b"<!doctype html><p>404", pb.REJECT_REASON_NOT_AN_IMAGE),
        "note.gz": (packed.COMPRESS["gzip"](b"words"), pb.REJECT_REASON_NOT_AN_IMAGE),
    }
    files: list[tuple[str, bytes]] = []
    for number, (name, (encoded, _)) in enumerate(hostile.items()):
        files += [(name, encoded), (f"good-{number}.jpg", photo("red", seed=number))]
    async with house(tmp_path, photo_pixels=3_000_000) as running:
        outcomes = await sent(running, *files)
    assert [one.outcome for one in outcomes] == [REJECTED, ADDED] * len(hostile)
    assert [one.reason for one in outcomes[::2]] == [reason for _, reason in hostile.values()]
    assert all(one.message.endswith(".") for one in outcomes[::2])


async def test_a_picture_that_takes_too_long_or_too_much_memory_costs_itself(
    tmp_path: Path,
) -> None:
    slow, large = jpeg_of_many_scans(), png_of_noughts(14_000, 14_000)
    async with house(tmp_path / "slow", decode_s=4.0) as running:
        first = await sent(running, ("slow.jpg", slow), ("good.jpg", photo("red")))
    async with house(tmp_path / "large", decoder_bytes=320 * 2**20) as running:
        second = await sent(running, ("large.png", large), ("good.jpg", photo("red")))
    for outcomes in (first, second):
        assert [one.outcome for one in outcomes] == [REJECTED, ADDED]
        assert outcomes[0].reason == pb.REJECT_REASON_UNDECODABLE
    assert first[0].message == "Decoding takes more than 4 s."
    assert "memory" in second[0].message


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF", "HEIF"])
async def test_a_file_cut_at_every_tenth_has_an_outcome(tmp_path: Path, form: str) -> None:
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(out, form)
    whole = out.getvalue()
    cut = [(f"{tenth}.x", whole[: len(whole) * tenth // 10]) for tenth in range(10)]
    async with house(tmp_path) as running:
        outcomes = await sent(running, *cut, ("good.jpg", photo("red")))
        entries = await running.idle()
    assert [one.item for one in outcomes] == list(range(11))
    assert outcomes[0].reason == pb.REJECT_REASON_EMPTY
    reasons = {pb.REJECT_REASON_DAMAGED, pb.REJECT_REASON_NOT_AN_IMAGE}
    whole_enough = [one for one in outcomes[1:10] if one.outcome == ADDED]
    assert {one.reason for one in outcomes[1:10] if one.outcome == REJECTED} <= reasons
    # A format whose last rows come first, or that needs no end, may be whole before its end.
    assert len(whole_enough) <= 2
    assert outcomes[10].outcome == ADDED
    assert entries.photos == 1 + len(whole_enough)


async def test_names_with_newlines_emoji_and_controls_come_back_as_they_are(
    tmp_path: Path,
) -> None:
    names = ["a\nb 🏖️.jpg", "tab\tbell\x07.jpg", "‮gpj.exe", "日本語/..jpg", " "]
    files = [(name, photo("red", seed=seed)) for seed, name in enumerate(names)]
    async with house(tmp_path) as running:
        outcomes = await sent(running, *files)
        stored = {source for one in running.index.entries.values() for source in one.facts.sources}
    assert [one.outcome for one in outcomes] == [ADDED] * len(names)
    assert [one.source for one in outcomes] == names
    assert stored == set(names)


@pytest.mark.parametrize("form", ["zip", "tar", "gzip", "bzip2", "xz"])
async def test_an_archive_brings_its_photos_and_what_is_evil_in_it_costs_itself(
    tmp_path: Path, form: str
) -> None:
    files = {
        "in/red.jpg": photo("red"),
        "../../x.jpg": photo("green"),
        "torn.jpg": photo("blue")[:300],
        "in/again.jpg": photo("red"),
        "read.me": b"no picture",
        "in/blue.jpg": photo("blue"),
    }
    archive = packed.packed(form, files)
    async with house(tmp_path) as running:
        outcomes = await sent(running, ("disk.bin", archive), ("good.jpg", photo("white")))
        originals, uploads = running.originals(), running.uploads()
    got = inside(outcomes)
    assert got["disk.bin/../../x.jpg"] == got["disk.bin/torn.jpg"] == REJECTED
    assert sorted((got["disk.bin/in/red.jpg"], got["disk.bin/in/again.jpg"])) == [ADDED, DUPLICATE]
    assert got["disk.bin/in/blue.jpg"] == ADDED
    own = [one for one in outcomes if not one.entry]
    assert [one.outcome for one in own] == [UNPACKED, ADDED]
    assert own[0].message == "4 photos were found in it, 1 other files were left out."
    assert (len(originals), uploads) == (3, [])
    assert not list(tmp_path.parent.glob("x.jpg"))


async def test_the_archive_s_own_outcome_comes_after_those_of_its_photos(tmp_path: Path) -> None:
    archive = packed.zipped({f"{n}.jpg": photo("red", seed=n) for n in range(30)})
    async with house(tmp_path) as running:
        call = running.stub.ImportPhotos(named([("a.zip", archive)]), timeout=40)
        order = [response.entry async for response in call]
    assert sorted(order[:-1]) == list(range(1, 31))
    assert order[-1] == 0


async def test_evil_archives_end_by_their_reason_and_the_next_photo_comes_in(
    tmp_path: Path,
) -> None:
    noughts = {f"{n:03}.png": bytes(2**20) for n in range(70)}
    evil = {
        "bomb.zip": (packed.zipped(noughts), pb.REJECT_REASON_ARCHIVE_LIMIT),
        "bomb.tgz": (packed.tarred(noughts, "gzip"), pb.REJECT_REASON_ARCHIVE_LIMIT),
        "torn.zip": (packed.zipped(noughts)[:-400], pb.REJECT_REASON_DAMAGED),
        "torn.txz": (packed.tarred({"a.png": photo("red")}, "xz")[:-100], pb.REJECT_REASON_DAMAGED),
    }
    for name, (archive, reason) in evil.items():
        async with house(tmp_path / name) as running:
            outcomes = await sent(running, (name, archive), ("good.jpg", photo("white")))
        own = [one for one in outcomes if not one.entry]
        assert [one.outcome for one in own] == [REJECTED, ADDED], name
        assert own[0].reason == reason, name


async def test_links_and_secrets_in_archives_are_rejected_by_their_reason(tmp_path: Path) -> None:
    files = [
        ("links.tar", packed.tar_with_kinds()),
        ("link.zip", packed.zip_with_kind("evil.jpg", packed.LINK)),
        ("secret.zip", packed.encrypted_zip()),
    ]
    async with house(tmp_path) as running:
        outcomes = await sent(running, *files)
    reasons = {(one.item, one.reason) for one in outcomes if one.outcome == REJECTED}
    assert reasons == {
        (0, pb.REJECT_REASON_UNSAFE),
        (1, pb.REJECT_REASON_UNSAFE),
        (2, pb.REJECT_REASON_ENCRYPTED),
    }
    assert [one.outcome for one in outcomes if not one.entry] == [UNPACKED] * 3


async def test_a_client_that_goes_away_in_the_middle_of_an_archive_leaves_no_upload(
    tmp_path: Path,
) -> None:
    archive = packed.zipped({f"{n}.jpg": photo("red", seed=n) for n in range(200)})
    async with house(tmp_path, photos_in_flight=2) as running:
        call = running.stub.ImportPhotos(named([("a.zip", archive)]))
        async for _ in call:
            break
        call.cancel()
        await until(lambda: not running.uploads())
        again = await sent(running, ("a.zip", archive))
    assert len(inside(again)) == 200
    assert set(inside(again).values()) <= {ADDED, DUPLICATE}


async def test_facts_are_stored_with_the_photo(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "EOS"
    exif.get_ifd(0x8769)[0x9003] = "2019:06:30 18:05:00"
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG", exif=exif.tobytes())
    async with house(tmp_path) as running:
        (outcome,) = await sent(running, ("a.jpg", out.getvalue()))
        request = pb.GetPhotoRequest(photo_id=outcome.photo_id)
        facts = (await running.stub.GetPhoto(request, timeout=5)).photo.facts
    assert (facts.taken.camera_make, facts.taken.camera_model) == ("Canon", "EOS")
    assert (facts.taken.at_s, facts.taken.HasField("offset_min")) == (1561917900, False)
    assert len(facts.perceptual_hash) == 16
