"""Texts that say nothing of a picture, as hands and machines write them."""

import random
import string
from collections.abc import Callable, Mapping

# The closed classes of English words: articles, prepositions without a place, conjunctions,
# pronouns, auxiliaries. Alone they say nothing of a picture.
_CLOSED = """
a an the and or but nor so yet if because although though unless than whether as while
of to for from by with at in on into onto about upon via per
i me my myself we us our ours you your yours he him his himself she her hers herself it its
itself they them their theirs themselves this that these those who whom whose which what
be am is are was were been being have has had having do does did doing done
would could should shall might must not no also too very just only such some any each both
there here then when where why how
"""
FUNCTION_WORDS = frozenset(_CLOSED.split())
_WORDS = sorted(FUNCTION_WORDS)
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_MARKS = "!?.,;:-_*#%/()"


def drawn(rng: random.Random) -> str:
    """Return one text without a sense."""
    (kind,) = rng.choices([*_SHARES], [*_SHARES.values()])
    return kind(rng)


def _letters(rng: random.Random) -> str:
    return _several(rng, 3, lambda: _from(rng, string.ascii_lowercase, rng.randint(3, 9)))


def _consonants(rng: random.Random) -> str:
    return _several(rng, 2, lambda: _from(rng, _CONSONANTS, rng.randint(3, 7)))


def _function_words(rng: random.Random) -> str:
    return _several(rng, 5, lambda: rng.choice(_WORDS))


def _repeated(rng: random.Random) -> str:
    return rng.choice(string.ascii_lowercase) * rng.randint(3, 30)


def _along_a_row(rng: random.Random) -> str:
    row = rng.choice(_ROWS)
    start = rng.randrange(len(row) - 2)
    return row[start : start + rng.randint(3, len(row))]


def _digits(rng: random.Random) -> str:
    return _several(rng, 3, lambda: _from(rng, string.digits, rng.randint(1, 8)))


def _marks(rng: random.Random) -> str:
    return _from(rng, _MARKS, rng.randint(1, 6))


def _signs(rng: random.Random) -> str:
    """Return signs that a model of English has no token for."""
    return "".join(chr(rng.randint(0x1F300, 0x1F64F)) for _ in range(rng.randint(1, 3)))


_SHARES: Mapping[Callable[[random.Random], str], float] = {
    _letters: 0.42,
    _consonants: 0.18,
    _function_words: 0.16,
    _repeated: 0.08,
    _along_a_row: 0.04,
    _digits: 0.05,
    _marks: 0.05,
    _signs: 0.02,
}


def _several(rng: random.Random, most: int, one: Callable[[], str]) -> str:
    return " ".join(one() for _ in range(rng.randint(1, most)))


def _from(rng: random.Random, letters: str, count: int) -> str:
    return "".join(rng.choice(letters) for _ in range(count))
