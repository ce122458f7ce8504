"""Photos for benchmarks: some that look different, each of them many times with other bytes."""

import io
import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image

from ui.answers import BytesSource

LOOKS = 48
SIZE = (1600, 1200)
_TABLE, _WAVES, _HEIGHTS = b"\xff\xdb", 10, 12


def looks(count: int = LOOKS, size: tuple[int, int] = SIZE) -> list[bytes]:
    """Return JPEGs of gradients, blots and noise, all different."""
    return [_encoded(np.random.default_rng(seed), size) for seed in range(count)]


def _encoded(rng: np.random.Generator, size: tuple[int, int]) -> bytes:
    blots = Image.fromarray(rng.integers(0, 256, (9, 12, 3)).astype(np.uint8))
    pixels = np.asarray(blots.resize(size, Image.Resampling.BICUBIC), np.int16)
    grain = rng.integers(-12, 13, pixels.shape, dtype=np.int16)
    out = io.BytesIO()
    picture = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def photos(encoded: list[bytes], start: int, count: int) -> Iterator[BytesSource]:
    """Yield photos number `start` and so on, none like another in bytes or, up to 5,000, pixels."""
    for number in range(start, start + count):
        turn, which = divmod(number, len(encoded))
        look = _touched(encoded[which], turn)
        comment = b"photo %d" % number
        segment = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment
        yield BytesSource(f"/made/{number:06}.jpg", look[:2] + segment + look[2:])


def _touched(look: bytes, turn: int) -> bytes:
    """Return the photo with one of its coarse waves higher: a number of its first table changed."""
    wave, higher = 1 + turn % _WAVES, 1 + turn // _WAVES % _HEIGHTS
    place = look.index(_TABLE) + len(_TABLE) + 3 + wave
    changed = min(look[place] + 2 * higher, 255)
    return look[:place] + bytes([changed]) + look[place + 1 :]
