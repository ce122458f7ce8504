"""Texts of questions, as people type or paste them."""

import unicodedata

from common import errors


def checked(text: str, field: str) -> str:
    """Return `text` with a blank for each control character.

    Raises InvalidInput if nothing is left that could be seen.
    """
    readable = "".join(" " if _is_control(letter) else letter for letter in text)
    if not any(_is_visible(letter) for letter in readable):
        raise errors.InvalidInput(field, "is blank: write what to look for")
    return readable


def _is_control(letter: str) -> bool:
    # Surrogates and unassigned letters cannot be in a string of the wire, or are for the model.
    return unicodedata.category(letter) == "Cc"


def _is_visible(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LNPS"
