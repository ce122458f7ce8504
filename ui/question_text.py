"""A question in one line: `2:beach + sunset - people`. The one parser, of command line and page.

Terms are joined by a + or - before which there is a blank or nothing, so that a close-up stays a
close-up. A number and a colon before a term is its weight. `photo:` and an id is a photo of the
library, `@left,top,width,height` behind it a region of that, in shares. What stands in "quotes" is
a text whatever is in it.
"""

import re
from collections.abc import Iterator

from common import errors
from common.samples import Box
from ui.answers import Term

FIELD = "query"
_SIGN = re.compile(r"([+-])\s*")
_WEIGHT = re.compile(r"(\d+\.?\d*|\.\d+):\s*")
_QUOTED = re.compile(r'"([^"]*)"')
_PHOTO = re.compile(r"photo:([0-9a-f]{6,64})(?:@(\S+))?(?=\s|$)", re.IGNORECASE)
_WORDS = re.compile(r"(?:(?!\s+[+-]|\s+$).)+", re.DOTALL)
_BLANK = re.compile(r"\s*")


def parsed(line: str) -> tuple[Term, ...]:
    """Return the terms of a line. Raises InvalidInput that says at which character it is wrong."""
    if not line.strip():
        raise errors.InvalidInput(FIELD, "there is nothing to look for")
    return tuple(_terms(line))


def _terms(line: str) -> Iterator[Term]:
    at = _skip(_BLANK, line, 0)
    while at < len(line):
        sign = _SIGN.match(line, at)
        weight = _WEIGHT.match(line, sign.end() if sign else at)
        begins = max(part.end() if part else at for part in (sign, weight))
        factor = _factor(line, weight) * (-1 if sign and sign[1] == "-" else 1)
        term, ends = _term(line, begins, factor)
        yield term
        at = _skip(_BLANK, line, ends)
        if at < len(line) and not _SIGN.match(line, at):
            raise _wrong(line, at, "a + or - is missing before this")


def _factor(line: str, weight: re.Match[str] | None) -> float:
    if weight is None:
        return 1.0
    factor = float(weight[1])
    if not 0 < factor < float("inf"):
        raise _wrong(line, weight.start(), f"the weight {weight[1]} is not a number above 0")
    return factor


def _term(line: str, at: int, weight: float) -> tuple[Term, int]:
    """Return the term that begins there, and where it ends."""
    if photo := _PHOTO.match(line, at):
        box = _box(line, photo) if photo[2] else None
        return Term(photo_id=photo[1].lower(), box=box, weight=weight), photo.end()
    if quoted := _QUOTED.match(line, at):
        if not quoted[1].strip():
            raise _wrong(line, at, "there is nothing between the quotes")
        return Term(text=quoted[1], weight=weight), quoted.end()
    words = _WORDS.match(line, at)
    if line.startswith('"', at):
        raise _wrong(line, at, "these quotes are never closed")
    if words is None or words[0][0] in "+-":
        raise _wrong(line, at, "a text or a photo is missing here")
    return Term(text=words[0], weight=weight), words.end()


def _box(line: str, photo: re.Match[str]) -> Box:
    try:
        left, top, width, height = map(float, photo[2].split(","))
        return Box(left, top, width, height).checked(FIELD)
    except (ValueError, errors.InvalidInput):
        what = f"{photo[2]!r} is not a region: four shares, left,top,width,height, as 0,0,0.5,1"
        raise _wrong(line, photo.start(2), what) from None


def _skip(blank: re.Pattern[str], line: str, at: int) -> int:
    found = blank.match(line, at)
    return found.end() if found else at


def _wrong(line: str, at: int, what: str) -> errors.InvalidInput:
    """Return the complaint, which says where."""
    return errors.InvalidInput(FIELD, f"at character {at + 1} of {line[:200]!r}: {what}")
