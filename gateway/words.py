"""The single words of a line of text, as samples of their own.

A line has one vector, and a word in the middle of it is far from that: "hotel" and "grand beach
hotel" have a cosine of 0.71 with the embedded model, "exit" and "emergency exit only" 0.70, no
more than two lines about one thing. People look for words, so words get vectors, too.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from common.samples import Kind, Sample, sample_id

MIN_LETTERS = 3
_WORD = re.compile(rf"[^\W_]{{{MIN_LETTERS},}}(?:['’-][^\W_]+)*")


def with_words(lines: Sequence[Sample], *, most: int) -> list[Sample]:
    """Return the lines and, of lines of several words, at most `most` different words in all.

    A word has the box and the confidence of its line; lines come in the order of their rank, and
    the first one that has a word brings it.
    """
    known = {line.text.casefold() for line in lines}
    words: list[Sample] = []
    for line in lines:
        for text in _WORD.findall(line.text):
            if text.casefold() not in known and len(words) < most:
                known.add(text.casefold())
                words.append(_word(line, text))
    return [*lines, *words]


def _word(line: Sample, text: str) -> Sample:
    own_id = sample_id(line.photo_id, Kind.TEXT, line.box, text)
    return replace(line, sample_id=own_id, text=text)
