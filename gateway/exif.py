"""What EXIF tells of a photo's taking: when, with what camera and where; junk tells nothing."""

import contextlib
import datetime
import math
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from PIL import ExifTags, Image

from common import images
from common.samples import Taken

T = TypeVar("T")
Tags = Mapping[int, object]
NO_MOMENT: tuple[int | None, int | None] = (None, None)
NOWHERE: tuple[float | None, float | None] = (None, None)

MAX_NAME_CHARS = 100
FIRST_YEAR = 1826  # of the oldest photograph that is left; clocks that were never set show less
MAX_OFFSET_MIN = 15 * 60
_TIME = re.compile(r"(\d{4})\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_MOMENTS = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
)


def taken(exif: Image.Exif) -> Taken:
    """Return what can be told; it never raises, whatever the EXIF holds."""
    at_s, offset_min = _sound(lambda: _moment(exif.get_ifd(ExifTags.IFD.Exif)), NO_MOMENT)
    latitude, longitude = _sound(lambda: _place(exif.get_ifd(ExifTags.IFD.GPSInfo)), NOWHERE)
    return Taken(
        at_s,
        offset_min,
        _sound(lambda: _text(exif.get(ExifTags.Base.Make)), ""),
        _sound(lambda: _text(exif.get(ExifTags.Base.Model)), ""),
        latitude,
        longitude,
    )


def _sound(read: Callable[[], T], otherwise: T) -> T:
    """Return what `read` returns, or `otherwise` where the EXIF is damaged."""
    with contextlib.suppress(*images.DAMAGE, TypeError):
        return read()
    return otherwise


def _moment(tags: Tags) -> tuple[int | None, int | None]:
    """Return seconds since 1970-01-01 and the minutes of the clock ahead of UTC."""
    for time_tag, offset_tag in _MOMENTS:
        clock = _clock(_text(tags.get(time_tag)))
        if clock is not None:
            offset_min = _offset_min(_text(tags.get(offset_tag)))
            return clock - 60 * (offset_min or 0), offset_min
    return NO_MOMENT


def _clock(text: str) -> int | None:
    """Return what "2019:06:30 18:05:00" is in seconds since 1970-01-01, read as UTC."""
    found = _TIME.match(text)
    if found is None or int(found[1]) < FIRST_YEAR:
        return None
    try:
        moment = datetime.datetime.strptime(" ".join(found.groups()), "%Y %m %d %H %M %S")
    except ValueError:  # the 31st of June
        return None
    return int(moment.replace(tzinfo=datetime.UTC).timestamp())


def _offset_min(text: str) -> int | None:
    found = _OFFSET.match(text)
    if found is None:
        return 0 if text == "Z" else None
    minutes = 60 * int(found[2]) + int(found[3])
    return int(f"{found[1]}{minutes}") if minutes <= MAX_OFFSET_MIN else None


def _place(tags: Tags) -> tuple[float | None, float | None]:
    """Return degrees north and east, both or none."""
    north = _degrees(tags, ExifTags.GPS.GPSLatitudeRef, "NS", most=90)
    east = _degrees(tags, ExifTags.GPS.GPSLongitudeRef, "EW", most=180)
    # Exactly nought and nought is what devices write that do not know where they are.
    if north is None or east is None or (north == 0 and east == 0):
        return NOWHERE
    return north, east


def _degrees(tags: Tags, ref_tag: int, signs: str, *, most: int) -> float | None:
    """Return the angle; its tag follows that of its sign, `signs` has the positive one first."""
    sign, parts = _text(tags.get(ref_tag)).upper(), tags.get(ref_tag + 1)
    if sign not in tuple(signs) or not isinstance(parts, tuple) or len(parts) != 3:
        return None
    degrees: float = sum(float(part) / 60**power for power, part in enumerate(parts))
    if not math.isfinite(degrees) or not 0 <= degrees <= most:
        return None
    return degrees if sign == signs[0] else -degrees


def _text(value: object) -> str:
    """Return what a person can read of a value, up to its first NUL; "" if it is no text."""
    if isinstance(value, str):  # Pillow reads each byte as a letter, cameras write UTF-8
        with contextlib.suppress(UnicodeError):
            value = value.encode("latin-1").decode()
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if not isinstance(value, str):
        return ""
    readable = (c if c.isprintable() and c != "\ufffd" else " " for c in value.split("\0")[0])
    return " ".join("".join(readable).split())[:MAX_NAME_CHARS]
