"""Tokens of pages: which question, at which revision, and the place where the next page begins."""

import base64
import binascii
import math

from common import errors
from common.codec import checked_photo_id
from gateway.questions import Place

_FIELD = "page_token"


def token(question: str, revision: int, place: Place) -> str:
    """Return the token; `question` is a digest of what was asked."""
    parts = (question, str(revision), str(place.shown), place.rank.hex(), place.photo_id)
    return base64.urlsafe_b64encode(" ".join(parts).encode()).decode()


def place_of(token: str, question: str) -> Place:
    """Return the place that `token` names. Raises InvalidInput for one of another question."""
    try:
        plain = base64.b64decode(token.encode(), b"-_", validate=True).decode()
        asked, revision, shown, rank, photo_id = plain.split(" ")
        place = Place(float.fromhex(rank), checked_photo_id(photo_id, _FIELD), int(shown))
        made = int(revision) >= 0 and place.shown >= 0 and math.isfinite(place.rank)
    except (binascii.Error, ValueError, OverflowError):
        made = False
    if not made:
        raise errors.InvalidInput(_FIELD, "is not one that this service gave")
    if asked != question:
        raise errors.InvalidInput(_FIELD, "belongs to another question: repeat all but the limit")
    return place
