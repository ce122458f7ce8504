"""What a photo's file tells: when, where, with what; hostile EXIF does it no harm."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from common import images
from common.samples import Taken
from gateway import decoder, exif, measures, perceptual

LIMITS = images.Limits(max_bytes=2**23, max_pixels=1_000_000)
MAKE, MODEL, ORIENTATION, EXIF_IFD, GPS_IFD = 0x010F, 0x0110, 0x0112, 0x8769, 0x8825
ORIGINAL, OFFSET_ORIGINAL, DIGITIZED = 0x9003, 0x9011, 0x9004
NORTH, EAST = (52, 30, 36), (13, 24, 0)


def with_exif(block: bytes, form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(out, form, exif=block)
    return out.getvalue()


def told(**parts: dict[int, object]) -> Taken:
    """Return what is told by EXIF with these `main`, `exif` and `gps` tags."""
    made = Image.Exif()
    made.update(parts.get("main", {}))
    made.get_ifd(EXIF_IFD).update(parts.get("exif", {}))
    made.get_ifd(GPS_IFD).update(parts.get("gps", {}))
    encoded = with_exif(made.tobytes())
    return decoder.prepared(encoded, LIMITS, long_side=64, field="image").taken


def test_camera_time_and_place_are_read() -> None:
    found = told(
        main={MAKE: "Canon\0\0", MODEL: "  Canon  EOS\n7D "},
        exif={ORIGINAL: "2019:06:30 18:05:00", OFFSET_ORIGINAL: "+02:00"},
        gps={1: "N", 2: NORTH, 3: "W", 4: EAST},
    )
    assert found == Taken(1561910700, 120, "Canon", "Canon EOS 7D", 52.51, -13.4)


@pytest.mark.parametrize(
    ("tags", "at_s", "offset_min"),
    [
        ({ORIGINAL: "1970:01:02 00:00:00"}, 86_400, None),
        ({ORIGINAL: "1970:01:02 00:00:00", OFFSET_ORIGINAL: "-01:30"}, 91_800, -90),
        ({ORIGINAL: "1970:01:02 00:00:00", OFFSET_ORIGINAL: "Z"}, 86_400, 0),
        ({ORIGINAL: "1970:01:02 00:00:00", OFFSET_ORIGINAL: "+99:00"}, 86_400, None),
        ({DIGITIZED: "1969:12:31 23:59:59"}, -1, None),
        ({ORIGINAL: "0000:00:00 00:00:00"}, None, None),
        ({ORIGINAL: "2019:02:30 10:00:00"}, None, None),
        ({ORIGINAL: "    :  :     :  :  "}, None, None),
        ({ORIGINAL: "0001:01:01 00:00:00"}, None, None),
        ({ORIGINAL: "yesterday"}, None, None),
    ],
)
def test_time_without_a_zone_is_read_as_utc_and_junk_is_none(
    tags: dict[int, object], at_s: int | None, offset_min: int | None
) -> None:
    found = told(exif=tags)
    assert (found.at_s, found.offset_min) == (at_s, offset_min)


@pytest.mark.parametrize(
    "gps",
    [
        {2: NORTH, 4: EAST},
        {1: "N", 2: NORTH},
        {1: "N", 2: (91, 0, 0), 3: "E", 4: EAST},
        {1: "X", 2: NORTH, 3: "E", 4: EAST},
        {1: "N", 2: (0, 0, 0), 3: "E", 4: (0, 0, 0)},
        {1: "N", 2: (52, 30), 3: "E", 4: EAST},
    ],
)
def test_place_that_is_none_is_not_told(gps: dict[int, object]) -> None:
    found = told(gps=gps)
    assert (found.latitude, found.longitude) == (None, None)


def test_rationals_by_zero_tell_no_place() -> None:
    block = bytearray(_gps_block())
    at = block.rindex(struct.pack(">II", 52, 1))
    block[at : at + 8] = struct.pack(">II", 52, 0)
    made = decoder.prepared(with_exif(bytes(block)), LIMITS, long_side=64, field="image")
    assert (made.taken.latitude, made.taken.longitude) == (None, None)


def _gps_block() -> bytes:
    """Return EXIF with a place, big-endian, each angle three rationals by 1."""
    angles = b"".join(struct.pack(">II", part, 1) for part in (*NORTH, *EAST))
    tags = struct.pack(">HHHI4s", 4, 1, 2, 2, b"N\0\0\0") + struct.pack(">HHII", 2, 5, 3, 80)
    tags += struct.pack(">HHI4s", 3, 2, 2, b"E\0\0\0") + struct.pack(">HHII", 4, 5, 3, 104)
    main = struct.pack(">HHHIII", 1, GPS_IFD, 4, 1, 26, 0)
    return b"Exif\0\0MM\0*\0\0\0\x08" + main + tags + struct.pack(">I", 0) + angles


def test_the_block_by_hand_tells_its_place() -> None:
    made = decoder.prepared(with_exif(_gps_block()), LIMITS, long_side=64, field="image")
    assert (made.taken.latitude, made.taken.longitude) == pytest.approx((52.51, 13.4))


def test_an_ifd_that_points_at_itself_is_read_once() -> None:
    loop = struct.pack(">HHHIII", 1, EXIF_IFD, 4, 1, 8, 8)
    encoded = with_exif(b"Exif\0\0MM\0*\0\0\0\x08" + loop)
    assert decoder.prepared(encoded, LIMITS, long_side=64, field="image").taken == Taken()


def test_huge_exif_is_not_read_and_harms_nothing() -> None:
    made = Image.Exif()
    made[MAKE] = "x" * 3_000_000
    encoded = with_exif(made.tobytes(), "WEBP")
    found = decoder.prepared(encoded, LIMITS, long_side=64, field="image")
    assert (found.width, found.taken) == (64, Taken())


def test_names_have_an_end_and_no_letters_that_cannot_be_read() -> None:
    found = told(main={MAKE: "\x07Ka\ufffdmera " * 40, MODEL: b"caf\xe9\x00rest"})
    assert len(found.camera_make) == exif.MAX_NAME_CHARS
    assert found.camera_make.isprintable()
    assert found.camera_model == "café"
    assert told(main={MAKE: "Фото".encode()}).camera_make == "Фото"


@settings(max_examples=200)
@given(st.binary(max_size=400), st.integers(0, 60), st.booleans())
def test_no_exif_harms_its_photo(junk: bytes, at: int, whole: bool) -> None:
    block = bytearray(_gps_block())
    block[6 + at : 6 + at + len(junk)] = junk
    encoded = with_exif(junk if whole else bytes(block))
    made = decoder.prepared(encoded, LIMITS, long_side=64, field="image")
    assert {made.width, made.height} == {64, 48}
    assert made.taken.latitude is None or abs(made.taken.latitude) <= 90


def differing(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def scene(seed: int) -> Image.Image:
    waves = np.random.default_rng(seed).normal(size=(6, 8, 3))
    rough = Image.fromarray(np.uint8(np.clip(128 + 50 * waves, 0, 255)))
    return rough.resize((320, 240), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("seed", range(5))
def test_alike_pictures_have_hashes_that_differ_in_few_bits(seed: int) -> None:
    photo = scene(seed)
    own = perceptual.perceptual_hash(photo)
    again = images.decode(images.encode_jpeg(photo.resize((200, 150)), quality=30)).image
    alike = [again, ImageEnhance.Brightness(photo).enhance(1.3), photo.convert("L")]
    assert max(differing(own, perceptual.perceptual_hash(one)) for one in alike) <= 10
    assert differing(own, perceptual.perceptual_hash(scene(seed + 100))) >= 16


def test_a_picture_of_one_colour_has_a_hash() -> None:
    assert len(perceptual.perceptual_hash(Image.new("RGB", (1, 1), "red"))) == 16


def test_the_pixel_hash_looks_at_the_pixels_alone() -> None:
    photo = scene(1)
    copies = []
    for told in (b"", b"some comment"):
        file = io.BytesIO()
        photo.save(file, "JPEG", quality=90, comment=told)
        copies.append(measures.pixel_hash(images.decode(file.getvalue()).image))
    assert copies[0] == copies[1]
    assert measures.pixel_hash(images.decode(images.encode_jpeg(photo)).image) == copies[0]
    one_pixel_other = photo.copy()
    one_pixel_other.putpixel((7, 7), (1, 2, 3))
    reshaped = Image.frombytes("RGB", (240, 320), photo.tobytes())
    others = {measures.pixel_hash(one) for one in (photo, one_pixel_other, reshaped)}
    assert len(others) == 3


def test_a_blurred_picture_is_less_sharp() -> None:
    photo = scene(2).filter(ImageFilter.FIND_EDGES)
    blurred = [photo.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2)]
    sharp = [measures.sharpness(one) for one in blurred]
    assert sharp == sorted(sharp, reverse=True)
    assert measures.sharpness(Image.new("RGB", (2, 9))) == 0


def test_a_photo_saved_anew_is_as_sharp_as_it_was(data: Path) -> None:
    """The edges of JPEG's blocks are not the photo's."""
    photo = Image.open(data / "coco" / "images" / "000000000071.jpg").convert("RGB")
    own = measures.sharpness(photo)
    for quality in (90, 70, 40, 20):
        again = images.decode(images.encode_jpeg(photo, quality=quality)).image
        assert measures.sharpness(again) == pytest.approx(own, rel=0.1)
    assert measures.sharpness(photo.filter(ImageFilter.GaussianBlur(1))) < 0.8 * own


def test_the_turned_copies_of_a_scene_have_nearly_one_hash(data: Path) -> None:
    for scene_name in ("landscape", "portrait"):
        files = sorted((data / "formats" / "orientation").glob(f"*{scene_name}_[1-8].*"))
        hashes = [
            perceptual.perceptual_hash(images.decode(file.read_bytes()).image) for file in files
        ]
        assert max(differing(hashes[0], one) for one in hashes) <= 8
