"""Pictures out of bytes: decoded under limits, turned upright, in RGB; and back into JPEG."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import cast

from PIL import ExifTags, Image, UnidentifiedImageError

from common import errors
from common.samples import Box

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF")
BACKDROP = "white"
MAX_EXIF_BYTES = 2**20
# How to turn a picture that has been stored in one of the eight ways.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Modes that can be shrunk as they are; the others are turned into one of these first.
SHRINKABLE = ("L", "RGB", "RGBA", "CMYK", "F")
# What Pillow and its plug-ins raise for broken bytes: found by feeding them 20,000 broken pictures.
DAMAGE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    RuntimeError,
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


class UndecodableImage(BadImage):
    """A picture that takes more time or memory than it may, or that ends the decoder."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """An upright RGB picture, the name of the format it came in, and what it was as a whole.

    `width` and `height` are those of the whole picture, upright; `exif` is empty if damaged.
    """

    image: Image.Image
    format: str
    width: int
    height: int
    exif: Image.Exif


def decode(
    encoded: bytes,
    *,
    limits: Limits | None = None,
    field: str = "image",
    long_side: int | None = None,
) -> Decoded:
    """Return the first frame, upright by its EXIF orientation, in RGB; transparency turns white.

    With `long_side`, in pixels, no side is above it, and large JPEGs take a fraction of the time.
    Raises NotAnImage, DamagedImage, TooLargeImage or UndecodableImage, each naming `field`.
    """
    limits = limits or Limits()
    if len(encoded) > limits.max_bytes:
        raise TooLargeImage(field, f"{len(encoded):,} bytes are more than {limits.max_bytes:,}")
    image = _opened(encoded, field)
    if image.width * image.height > limits.max_pixels:
        size = f"{image.width} x {image.height}"
        raise TooLargeImage(field, f"{size} is more than {limits.max_pixels:,} pixels")
    try:
        return _decoded(image, long_side)
    except MemoryError as error:
        raise UndecodableImage(field, "decoding takes more memory than it may") from error
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


def _decoded(image: Image.Image, long_side: int | None) -> Decoded:
    width, height = image.size
    if long_side:
        scale = min(1.0, long_side / max(width, height))
        image.draft("RGB", (round(width * scale) or 1, round(height * scale) or 1))
    image.load()
    form, exif = image.format or "", _exif(image)
    # Not before the picture is loaded: then Pillow has turned those that it turns itself.
    orientation = _orientation(image, exif)
    if orientation > 4:
        width, height = height, width
    upright = _turned(_in_rgb(image, long_side), orientation)
    return Decoded(upright, form, width, height, exif)


def _exif(image: Image.Image) -> Image.Exif:
    """Return what can be read: EXIF tells about a picture, its damage is no damage to it."""
    if len(image.info.get("exif") or b"") > MAX_EXIF_BYTES:
        return Image.Exif()
    try:
        return image.getexif()
    except DAMAGE:
        return Image.Exif()


def _orientation(image: Image.Image, exif: Image.Exif) -> int:
    """Return 1 to 8; a TIFF has been turned by Pillow."""
    try:
        told = exif.get(ExifTags.Base.Orientation, 1)
    except DAMAGE:
        return 1
    return told if image.format != "TIFF" and isinstance(told, int) and 1 <= told <= 8 else 1


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _in_rgb(image: Image.Image, long_side: int | None) -> Image.Image:
    plain = _shrunk(_plain(image), long_side)
    if plain.mode == "RGBA":
        backdrop = Image.new("RGBA", plain.size, BACKDROP)
        return Image.alpha_composite(backdrop, plain).convert("RGB")
    return (_stretched(plain) if plain.mode == "F" else plain).convert("RGB")


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture in one of the modes that can be shrunk."""
    # First: `convert` would clip more than 8 bits of grey that have a transparent level.
    if image.mode == "I" or image.mode.startswith("I;16"):
        return image.convert("F")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image if image.mode in SHRINKABLE else image.convert("RGB")


def _shrunk(image: Image.Image, long_side: int | None) -> Image.Image:
    """Return the picture small, before anything makes further copies of it."""
    if long_side:
        image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image


def _stretched(grey: Image.Image) -> Image.Image:
    """Return more than 8 bits of grey stretched to 8: `convert` would clip them to white."""
    low, high = cast("tuple[float, float]", grey.getextrema())
    scale = 255.0 / ((high - low) or 1.0)
    return grey.point(lambda level: level * scale - low * scale).convert("L")
