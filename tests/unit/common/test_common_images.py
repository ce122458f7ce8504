"""Decoding: upright, RGB, under limits; whatever a stranger sends is a picture or a clear error."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from common import images
from common.samples import Box

SHARES = st.floats(0, 0.95)


def encoded(image: Image.Image, name: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def gradient(width: int = 40, height: int = 30) -> Image.Image:
    ramp = np.linspace(0, 255, width * height * 3).reshape(height, width, 3)
    return Image.fromarray(ramp.astype(np.uint8))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
def test_every_format_gives_rgb_of_its_size(name: str) -> None:
    decoded = images.decode(encoded(gradient(), name))
    assert (decoded.format, decoded.image.mode, decoded.image.size) == (name, "RGB", (40, 30))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = images.decode(encoded(gradient(), "JPEG", exif=exif))
    assert decoded.image.size == ((40, 30) if orientation < 5 else (30, 40))


def test_the_same_scene_in_all_orientations_is_one_picture(data: Path) -> None:
    folder = data / "formats" / "orientation"
    for scene in ("landscape", "portrait"):
        files = sorted(folder.glob(f"*{scene}_[1-8].*"))
        small = [images.decode(f.read_bytes()).image.resize((32, 32)) for f in files]
        rows = [np.asarray(image, np.float32) for image in small]
        assert len(rows) == 8
        same = [np.corrcoef(row.ravel(), rows[0].ravel())[0, 1] for row in rows]
        turned = np.corrcoef(rows[0][::-1, ::-1].ravel(), rows[0].ravel())[0, 1]
        assert min(same) > max(0.8, turned)


def test_transparency_turns_white() -> None:
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert images.decode(encoded(clear)).image.getpixel((0, 0)) == (255, 255, 255)


def test_cmyk_and_deep_grey_become_rgb() -> None:
    printed = encoded(gradient().convert("CMYK"), "JPEG", quality=95)
    cmyk = images.decode(printed).image
    grey = Image.fromarray(np.linspace(0, 60_000, 100).reshape(10, 10).astype(np.uint16))
    deep = np.asarray(images.decode(encoded(grey)).image)
    assert cmyk.mode == "RGB"
    assert np.abs(np.asarray(cmyk, float) - np.asarray(gradient(), float)).mean() < 3
    assert (deep.min(), deep.max()) == (0, 255)
    assert len(np.unique(deep)) > 90


def test_a_transparent_level_does_not_clip_deep_grey() -> None:
    levels = np.linspace(0, 60_000, 100).reshape(10, 10).astype(np.uint16)
    whole = encoded(Image.fromarray(levels))
    level = b"tRNS" + struct.pack(">H", 100)
    chunk = struct.pack(">I", 2) + level + struct.pack(">I", zlib.crc32(level))
    at = whole.index(b"IDAT") - 4
    clear = images.decode(whole[:at] + chunk + whole[at:]).image
    assert np.array_equal(np.asarray(clear), np.asarray(images.decode(whole).image))


@pytest.mark.parametrize("length", range(0, 100, 10))
def test_truncated_jpeg_is_damaged_or_no_picture(length: int) -> None:
    whole = encoded(gradient(400, 300), "JPEG")
    with pytest.raises(images.BadImage, match="photo"):
        images.decode(whole[: len(whole) * length // 100], field="photo")


def test_limits_are_checked_before_decoding() -> None:
    with pytest.raises(images.TooLargeImage, match="pixels"):
        images.decode(encoded(gradient()), limits=images.Limits(max_pixels=1199))


def test_the_limit_of_pixels_is_ours_and_not_pillow_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    limits = images.Limits(max_pixels=1200)
    assert images.decode(encoded(gradient()), limits=limits).image.size == (40, 30)
    with pytest.raises(images.TooLargeImage, match="bytes"):
        images.decode(encoded(gradient()), limits=images.Limits(max_bytes=10))


def test_header_of_a_giant_picture_costs_nothing() -> None:
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = (
        struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    with pytest.raises(images.TooLargeImage):
        images.decode(b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\x09IDAT")


def test_page_named_jpg_is_not_an_image() -> None:
    with pytest.raises(images.NotAnImage, match="format"):
        images.decode(b"<!doctype html><title>404</title>")


@settings(max_examples=150)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"]), st.data())
def test_damaged_bytes_give_a_picture_or_a_bad_image(name: str, draw: st.DataObject) -> None:
    whole = bytearray(encoded(gradient(), name))
    for _ in range(draw.draw(st.integers(1, 8))):
        whole[draw.draw(st.integers(0, len(whole) - 1))] = draw.draw(st.integers(0, 255))
    try:
        decoded = images.decode(bytes(whole), limits=images.Limits(max_pixels=1_000_000))
    except images.BadImage:
        return
    assert decoded.image.mode == "RGB"


@given(SHARES, SHARES, st.floats(0.01, 1), st.floats(0.01, 1))
def test_crop_lies_within_the_picture_and_has_pixels(
    x: float, y: float, w: float, h: float
) -> None:
    part = images.crop(gradient(17, 5), Box(x, y, min(w, 1 - x), min(h, 1 - y)))
    assert 1 <= part.width <= 17
    assert 1 <= part.height <= 5


def test_working_copy_keeps_the_shape() -> None:
    copy = images.decode(images.working_copy(gradient(2000, 1000))).image
    assert copy.size == (1024, 512)
    assert images.decode(images.working_copy(gradient())).image.size == (40, 30)


def corner(image: Image.Image) -> tuple[bool, bool]:
    """Return whether the dark spot lies left, and whether it lies above."""
    dark = np.argwhere(np.asarray(image.convert("L")) < 90).mean(axis=0)
    return bool(dark[1] < image.width / 2), bool(dark[0] < image.height / 2)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_format_is_turned_once(name: str, orientation: int) -> None:
    pillow_heif.register_heif_opener()
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("black", (0, 0, 16, 8))
    stored = upright
    if orientation in images.TURNS:
        back = {6: 8, 8: 6}.get(orientation, orientation)
        stored = upright.transpose(images.TURNS[back])
    exif = Image.Exif()
    exif[0x0112] = orientation
    encoded_one = encoded(stored, name, exif=exif.tobytes())
    for long_side in (None, 20):
        decoded = images.decode(encoded_one, long_side=long_side)
        assert (decoded.width, decoded.height) == (64, 32)
        assert decoded.image.width == 2 * decoded.image.height
        assert corner(decoded.image) == (True, True)


def test_a_large_jpeg_is_decoded_at_a_fraction_and_tells_its_whole_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(gradient(4000, 3000), "JPEG", exif=exif.tobytes())
    decoded = images.decode(whole, long_side=500)
    assert (decoded.width, decoded.height) == (3000, 4000)
    assert decoded.image.size == (375, 500)
    slow = images.decode(whole).image.resize((375, 500))
    difference = np.abs(np.asarray(decoded.image, float) - np.asarray(slow, float))
    assert difference.mean() < 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I", "F"])
@pytest.mark.parametrize("long_side", [None, 10])
def test_every_mode_becomes_rgb_of_the_same_look(mode: str, long_side: int | None) -> None:
    picture = gradient().convert("RGB").convert("PA" if mode == "PA" else mode)
    form = "TIFF" if mode in ("CMYK", "F", "I") else "PNG"
    if mode == "PA":
        picture = picture.convert("P")
    decoded = images.decode(encoded(picture, form), long_side=long_side).image
    assert decoded.mode == "RGB"
    ramp = np.asarray(decoded.convert("L"), float)
    assert ramp[-1].mean() > ramp[0].mean() + 100


def test_a_clear_palette_entry_turns_white() -> None:
    palette = Image.new("P", (30, 30), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    for long_side in (None, 10):
        decoded = images.decode(encoded(palette, "PNG", transparency=0), long_side=long_side)
        assert decoded.image.getpixel((3, 3)) == (255, 255, 255)


def test_the_first_frame_of_a_moving_picture_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for name in ("GIF", "WEBP", "PNG"):
        moving = encoded(frames[0], name, save_all=True, append_images=frames[1:])
        red, _, blue = images.decode(moving).image.getpixel((4, 4))
        assert (red > 200, blue < 50) == (True, True)


def test_numbers_that_are_none_in_deep_grey_harm_nothing() -> None:
    grey = np.full((9, 9), 5.0, np.float32)
    grey[0, :3] = (np.nan, np.inf, -np.inf)
    assert images.decode(encoded(Image.fromarray(grey), "TIFF")).image.mode == "RGB"
