"""How good read texts are against known words: recall and precision of words, by their size.

A known word is found if a line that lies over its centre has the same word, letter case aside. Each
read word serves one known word. What was read over an illegible word counts neither way.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Height of the letters on the copy that the reader sees, pixels; larger words are "large".
SIZES = (("small", 20.0), ("medium", 40.0))
LARGEST = "large"


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle, pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, point: tuple[float, float], *, margin: float = 0.0) -> bool:
        """Say whether a point lies within, or outside by at most `margin`."""
        x, y = point
        across = self.left - margin <= x <= self.right + margin
        return across and self.top - margin <= y <= self.bottom + margin


@dataclass(frozen=True, slots=True)
class Word:
    """A word, case-folded; where it is, the line that it belongs to, and how high its letters are.

    A known word is its own line; `legible` says whether it has to be read.
    """

    text: str
    place: Place
    line: Place
    height_px: float
    legible: bool = True

    @property
    def size(self) -> str:
        """Class of its height."""
        return next((name for name, below in SIZES if self.height_px < below), LARGEST)


@dataclass(frozen=True, slots=True)
class Page:
    """What one photo says and what was read in it."""

    known: Sequence[Word]
    read: Sequence[Word]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares in [0, 1], None where there was nothing to find, or nothing was read; and of how many.

    A read word that matches has the size of the known one.
    """

    word_recall: float | None
    word_precision: float | None
    words: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Over all words, and over those of each size."""

    every: Score
    by_size: Mapping[str, Score]


def words(text: str, line: Place, *, height_px: float, legible: bool = True) -> list[Word]:
    """Return the words of a line, each with its share of the line's longer side."""
    parts = text.casefold().split()
    signs, at, found = max(1, len(" ".join(parts))), 0, []
    for part in parts:
        place = _part(line, at / signs, (at + len(part)) / signs)
        found.append(Word(part, place, line, height_px, legible))
        at += len(part) + 1
    return found


def scores(pages: Iterable[Page]) -> Scores:
    """Return how many words were found, and how much of what was read is right."""
    found: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for page in pages:
        pairs = matched(page)
        readers = {row: page.known[place].size for place, row in pairs.items()}
        found += [(w.size, n in pairs) for n, w in enumerate(page.known) if w.legible]
        right += [
            (readers.get(n, word.size), n in readers)
            for n, word in enumerate(page.read)
            if n in readers or not _over_illegible(word, page.known)
        ]
    names = [*(name for name, _ in SIZES), LARGEST]
    return Scores(_score(found, right), {name: _of_size(name, found, right) for name in names})


def matched(page: Page) -> dict[int, int]:
    """Return which read word each found known word has, by their places; nearest first."""
    pairs = sorted(
        (math.dist(known.place.centre, read.place.centre), at, row)
        for at, known in enumerate(page.known)
        for row, read in enumerate(page.read)
        if known.legible and known.text == read.text and _covers(read, known)
    )
    found: dict[int, int] = {}
    for _, at, row in pairs:
        if at not in found and row not in found.values():
            found[at] = row
    return found


def _covers(read: Word, known: Word) -> bool:
    return read.line.holds(known.place.centre, margin=read.height_px / 2)


def _over_illegible(read: Word, known: Sequence[Word]) -> bool:
    return any(not word.legible and word.place.holds(read.place.centre) for word in known)


def _of_size(name: str, *sides: Sequence[tuple[str, bool]]) -> Score:
    found, right = ([one for one in side if one[0] == name] for side in sides)
    return _score(found, right)


def _score(found: Sequence[tuple[str, bool]], right: Sequence[tuple[str, bool]]) -> Score:
    return Score(_share(found), _share(right), len(found))


def _share(verdicts: Sequence[tuple[str, bool]]) -> float | None:
    return round(sum(good for _, good in verdicts) / len(verdicts), 4) if verdicts else None


def _part(line: Place, start: float, end: float) -> Place:
    width, height = line.right - line.left, line.bottom - line.top
    if width >= height:
        left, right = line.left + start * width, line.left + end * width
        return Place(left, line.top, right, line.bottom)
    return Place(line.left, line.top + start * height, line.right, line.top + end * height)
