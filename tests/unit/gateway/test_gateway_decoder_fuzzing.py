"""Mutated pictures of every format through a real decoder: it refuses them and outlives them."""

import asyncio
import io
import random

import pillow_heif
import pytest
from PIL import Image

from common import images
from gateway.pictures import Pictures

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF")
LIMITS = images.Limits(max_bytes=2**20, max_pixels=1_000_000)
TIMES = 60


def encoded(form: str) -> bytes:
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.effect_noise((48, 36), 60).convert("RGB").save(out, form)
    return out.getvalue()


def mutated(whole: bytes, chance: random.Random) -> bytes:
    """Return the bytes with some changed, left out, doubled, or cut off at the end."""
    broken = bytearray(whole)
    for _ in range(chance.randint(1, 5)):
        at, size = chance.randrange(len(broken)), chance.choice([1, 1, 2, 4, 30])
        new = chance.choice([chance.randbytes(size), b"\xff" * size, bytes(size), b""])
        broken[at : at + chance.choice([0, len(new)])] = new
    return bytes(broken[: chance.choice([len(broken)] * 3 + [chance.randrange(len(broken))])])


@pytest.mark.parametrize("form", FORMATS)
async def test_no_mutation_ends_or_holds_up_the_decoder(form: str) -> None:
    whole, chance = encoded(form), random.Random(form)
    pictures = Pictures(LIMITS, at_once=2, most_s=10.0, memory_bytes=2 * 2**30)
    try:
        results = await asyncio.gather(
            *(pictures.from_bytes(mutated(whole, chance), field="image") for _ in range(TIMES)),
            return_exceptions=True,
        )
        after = await pictures.from_bytes(whole, field="image")
    finally:
        await pictures.close()
    wrong = [one for one in results if isinstance(one, BaseException)]
    assert wrong
    assert {type(one) for one in wrong} <= {
        images.DamagedImage,
        images.NotAnImage,
        images.TooLargeImage,
    }
    assert (after.width, after.height) == (48, 36)
