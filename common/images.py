"""Pictures out of bytes: decoded under limits, turned upright, in RGB; and back into JPEG."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from common import errors
from common.samples import Box

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF")
BACKDROP = "white"
# What Pillow and its plug-ins raise for broken bytes: found by feeding them 20,000 broken pictures.
DAMAGE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost."""

    max_bytes: int = 64 * 2**20
    max_pixels: int = 200_000_000


class BadImage(errors.InvalidInput):
    """Bytes that give no picture."""


class NotAnImage(BadImage):
    """Not a picture at all, or of a format that is not read."""


class DamagedImage(BadImage):
    """A picture whose bytes are broken or end early."""


class TooLargeImage(BadImage):
    """A picture above a limit; nothing of it was decoded."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """An upright RGB picture and the name of the format it came in."""

    image: Image.Image
    format: str


def decode(encoded: bytes, *, limits: Limits | None = None, field: str = "image") -> Decoded:
    """Return the first frame, upright by its EXIF orientation, in RGB; transparency turns white.

    Raises NotAnImage, DamagedImage or TooLargeImage, each naming `field`.
    """
    limits = limits or Limits()
    if len(encoded) > limits.max_bytes:
        raise TooLargeImage(field, f"{len(encoded):,} bytes are more than {limits.max_bytes:,}")
    image = _opened(encoded, field)
    if image.width * image.height > limits.max_pixels:
        size = f"{image.width} x {image.height}"
        raise TooLargeImage(field, f"{size} is more than {limits.max_pixels:,} pixels")
    try:
        upright = ImageOps.exif_transpose(image)
        return Decoded(_in_rgb(upright), image.format or "")
    except DAMAGE as error:
        raise DamagedImage(field, f"the picture is damaged: {error}") from error


def working_copy(image: Image.Image, *, long_side: int = 1024, quality: int = 92) -> bytes:
    """Return a JPEG with no side above `long_side` pixels."""
    small = image.copy()
    small.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return encode_jpeg(small, quality=quality)


def encode_jpeg(image: Image.Image, *, quality: int = 90) -> bytes:
    """Return `image` as JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def crop(image: Image.Image, box: Box) -> Image.Image:
    """Return the part within `box`, at least one pixel wide and high."""
    left, top = round(box.x * image.width), round(box.y * image.height)
    left, top = min(left, image.width - 1), min(top, image.height - 1)
    right = max(left + 1, round((box.x + box.width) * image.width))
    bottom = max(top + 1, round((box.y + box.height) * image.height))
    return image.crop((left, top, min(right, image.width), min(bottom, image.height)))


def _opened(encoded: bytes, field: str) -> Image.Image:
    if not encoded:
        raise NotAnImage(field, "is empty")
    # The caller's limit counts: Pillow's own would refuse pictures below it, or warn of them.
    Image.MAX_IMAGE_PIXELS = None
    try:
        return Image.open(io.BytesIO(encoded), formats=_readable())
    except UnidentifiedImageError as error:
        names = ", ".join(FORMATS)
        raise NotAnImage(
            field, f"it is not a picture of a format that is read ({names})"
        ) from error
    except DAMAGE as error:
        raise DamagedImage(field, f"the picture is damaged: {error}") from error


def _readable() -> list[str]:
    """Return the formats that have a decoder in this process; HEIF comes with a plug-in."""
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _in_rgb(image: Image.Image) -> Image.Image:
    image.load()
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        backdrop = Image.new("RGBA", layer.size, BACKDROP)
        return Image.alpha_composite(backdrop, layer).convert("RGB")
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_deep_grey(image)
    return image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """Return more than 8 bits of grey stretched to 8: `convert` would clip them to white."""
    wide = image.convert("F")
    low, high = cast("tuple[float, float]", wide.getextrema())
    scale = 255.0 / ((high - low) or 1.0)
    return wide.point(lambda grey: grey * scale - low * scale).convert("L").convert("RGB")
