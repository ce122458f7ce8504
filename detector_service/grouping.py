"""Words into lines and lines into blocks, as people read them: geometry alone.

All measures are pixels; every rule is relative to the height of the letters, so that the result
does not depend on the size of the picture nor on the order in which the words were found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SAME_ROW = 0.5
WORD_GAP = 1.2
WORD_INTRUSION = 0.4
WORD_HEIGHTS = 2.2
LINE_GAP = 1.0
LINE_HEIGHTS = 1.7
SAME_COLUMN = 0.3


@dataclass(frozen=True, slots=True)
class Word:
    """A text and its upright rectangle; `confidence` in [0, 1]."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float

    @property
    def height(self) -> float:
        """Pixels."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Row:
    """A line of text: its words from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Its words with one space between each two."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean over the words, weighted by their length; in [0, 1]."""
        total = sum(len(word.text) for word in self.words)
        return sum(len(word.text) * word.confidence for word in self.words) / total

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all its words together."""
        lefts, tops = zip(*((word.left, word.top) for word in self.words), strict=True)
        rights, bottoms = zip(*((word.right, word.bottom) for word in self.words), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    @property
    def letter_height(self) -> float:
        """Mean height of its words: a slanted line is higher than its letters."""
        return sum(word.height for word in self.words) / len(self.words)


def rows(words: Sequence[Word]) -> list[Row]:
    """Return every word in exactly one line, from top to bottom.

    A word continues the line of the nearest word to its left in the same row that is of similar
    height and no more than about a letter away.
    """
    follower = _followers(sorted(words, key=_place))
    followed = set(map(id, follower.values()))
    starts = [word for word in words if id(word) not in followed]
    return sorted((Row(_chain(start, follower)) for start in starts), key=_row_place)


def blocks(lines: Sequence[Row]) -> list[list[Row]]:
    """Return the lines that stand under one another together, blocks from top to bottom."""
    groups: list[list[Row]] = []
    for line in sorted(lines, key=_row_place):
        own = [group for group in groups if any(_stacked(other, line) for other in group)]
        merged = [other for group in own for other in group]
        groups = [group for group in groups if not any(group is taken for taken in own)]
        groups.append([*merged, line])
    ordered = (sorted(group, key=_row_place) for group in groups)
    return sorted(ordered, key=lambda group: _row_place(group[0]))


def _followers(words: Sequence[Word]) -> dict[int, Word]:
    """Return, by identity of a word, the one that comes after it; each comes after one at most."""
    pairs = [
        (abs(right.left - left.right), _place(left), _place(right), left, right)
        for left in words
        for right in words
        if left is not right and _adjacent(left, right)
    ]
    follower: dict[int, Word] = {}
    followed: set[int] = set()
    for _, _, _, left, right in sorted(pairs, key=lambda pair: pair[:3]):
        if id(left) not in follower and id(right) not in followed:
            follower[id(left)] = right
            followed.add(id(right))
    return follower


def _chain(start: Word, follower: dict[int, Word]) -> tuple[Word, ...]:
    chain = [start]
    while id(chain[-1]) in follower:
        chain.append(follower[id(chain[-1])])
    return tuple(chain)


def _adjacent(left: Word, right: Word) -> bool:
    """Whether `right` may continue `left`."""
    low, high = sorted((left.height, right.height))
    gap = right.left - left.right
    return (
        left.left < right.left
        and left.right < right.right
        and _shared(left.top, left.bottom, right.top, right.bottom) >= SAME_ROW * low
        and high <= WORD_HEIGHTS * low
        and -WORD_INTRUSION * low <= gap <= WORD_GAP * (low + high) / 2
    )


def _stacked(upper: Row, lower: Row) -> bool:
    """Whether the two stand under one another like lines of one text."""
    a, b = upper.corners, lower.corners
    low, high = sorted((upper.letter_height, lower.letter_height))
    gap = max(a[1], b[1]) - min(a[3], b[3])
    narrow = min(a[2] - a[0], b[2] - b[0])
    return (
        high <= LINE_HEIGHTS * low
        and gap <= LINE_GAP * (low + high) / 2
        and _shared(a[0], a[2], b[0], b[2]) >= SAME_COLUMN * narrow
    )


def _shared(start: float, end: float, other_start: float, other_end: float) -> float:
    return min(end, other_end) - max(start, other_start)


def _place(word: Word) -> tuple[float, ...]:
    return (word.left, word.top, word.right, word.bottom)


def _row_place(row: Row) -> tuple[float, ...]:
    left, top, right, bottom = row.corners
    return (top, left, right, bottom)
