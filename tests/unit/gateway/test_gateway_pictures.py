"""Broken pictures are refused as such, whatever is broken; whole ones come upright and small."""

import io
import random
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from common import images
from gateway import decoder

LIMITS = images.Limits(max_bytes=2**20, max_pixels=1_000_000)


def encoded(form: str) -> bytes:
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(out, form)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF", "HEIF"])
def test_broken_bytes_are_a_bad_image_or_a_picture_and_nothing_else(form: str) -> None:
    whole, chance = encoded(form), random.Random(form)
    refused = 0
    for _ in range(150):
        broken = bytearray(whole[: chance.choice([len(whole), chance.randrange(len(whole))])])
        for _ in range(4 if broken else 0):
            broken[chance.randrange(min(len(broken), 500))] = chance.randrange(256)
        try:
            decoder.prepared(bytes(broken), LIMITS, long_side=64, field="image")
        except images.BadImage:
            refused += 1
    assert refused


async def test_a_picture_comes_upright_and_no_side_above_the_limit(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = tmp_path / "turned.jpg"
    Image.new("RGB", (600, 300), "red").save(source, exif=exif)
    made = decoder.prepared(source.read_bytes(), LIMITS, long_side=100, field="image")
    assert (made.width, made.height, made.format) == (300, 600, "JPEG")
    assert Image.open(io.BytesIO(made.jpeg)).size == (50, 100)
