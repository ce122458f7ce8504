"""Photos made of those inside installed packages: parts of them, mirrored and in other colours."""

import io
import random
from collections.abc import Iterator

from PIL import Image, ImageEnhance, ImageOps

from tests.browser import package_photos
from ui.answers import BytesSource

SHAPES = ((640, 480), (480, 640), (640, 427), (512, 512))


def photos(count: int) -> Iterator[BytesSource]:
    """Yield so many JPEGs, no two alike, the same in each run."""
    looks = [Image.open(path).convert("RGB") for path in package_photos.paths()]
    for number in range(count):
        chance = random.Random(number)
        part = _part(looks[number % len(looks)], chance)
        yield BytesSource(f"/made/{number:05}.jpg", _encoded(_recoloured(part, chance)))


def _part(look: Image.Image, chance: random.Random) -> Image.Image:
    """Return a part of at least half of each side, perhaps mirrored."""
    shape = chance.choice(SHAPES)
    share = chance.uniform(0.5, 1.0)
    width, height = (max(int(share * side), 1) for side in look.size)
    x, y = chance.randint(0, look.width - width), chance.randint(0, look.height - height)
    part = ImageOps.fit(look.crop((x, y, x + width, y + height)), shape)
    return ImageOps.mirror(part) if chance.random() < 0.5 else part


def _recoloured(part: Image.Image, chance: random.Random) -> Image.Image:
    for enhance in (ImageEnhance.Color, ImageEnhance.Brightness, ImageEnhance.Contrast):
        part = enhance(part).enhance(chance.uniform(0.6, 1.4))
    return part


def _encoded(part: Image.Image) -> bytes:
    out = io.BytesIO()
    part.save(out, "JPEG", quality=85)
    return out.getvalue()
