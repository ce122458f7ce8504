"""What the heads are taught: pictures, texts that fit them, and which texts are no counter-example.

Four kinds of picture: photos with captions (Flickr8k, COCO), single things cut out of COCO photos,
and one stand-in per ImageNet class, made of the classifier's own weights, which brings breadth.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from embedder_service import mini_heads
from embedder_service.training import alike, features, photos

PHRASINGS = ("{}", "a {}", "a photo of a {}")
LEAST_PHOTOS = 3


@dataclass(frozen=True, slots=True)
class Lesson:
    """One picture's captions, the single words for it, and all words that it is known to show."""

    captions: tuple[str, ...]
    words: tuple[str, ...]
    shows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons with what the picture head looks at, float32, shape (n, 1664)."""

    lessons: tuple[Lesson, ...]
    inputs: torch.Tensor

    def joined(self, other: "Course") -> "Course":
        """Return both, this one first."""
        return Course(self.lessons + other.lessons, torch.cat([self.inputs, other.inputs]))


def phrased(words: Iterable[str]) -> list[str]:
    """Return every phrasing of every word."""
    return [phrasing.format(word) for word in words for phrasing in PHRASINGS]


def of_captioned(examples: Sequence[photos.Example]) -> list[Lesson]:
    """Return lessons whose words stand in most captions of a photo, and of three photos or more."""
    agreed = [alike.agreed(example.texts) for example in examples]
    counts = Counter(word for words in agreed for word in words)
    return [
        Lesson(
            captions=example.texts,
            words=tuple(sorted(word for word in words if counts[word] >= LEAST_PHOTOS)),
            shows=alike.agreed(example.texts, least=1),
        )
        for example, words in zip(examples, agreed, strict=True)
    ]


def of_names(names: Iterable[str]) -> list[Lesson]:
    """Return lessons that have a name and no caption."""
    return [Lesson((), (name,), frozenset({name})) for name in names]


def of_pictures(
    heads: mini_heads.Heads, seen: features.Pictures, lessons: Sequence[Lesson]
) -> Course:
    """Return the course of what the tower has seen."""
    pooled, shares = (torch.from_numpy(rows).float() for rows in (seen.pooled, seen.shares))
    return Course(tuple(lessons), heads.inputs(pooled, heads.mixture(shares)))


def of_classes(
    heads: mini_heads.Heads, classifier: torch.Tensor, names: Sequence[str], *, length: float
) -> Course:
    """Return a stand-in picture per class: its row of the classifier, shape (1000, 1280).

    `length` is that of a photo's standardised features.
    """
    rows = (classifier - classifier.mean(0)) / heads.spread
    rows = torch.nn.functional.normalize(rows, dim=1) * length
    mixture = torch.nn.functional.normalize(heads.class_names, dim=1)
    inputs = torch.cat([rows, mini_heads.MIXTURE_SCALE * mixture], dim=1)
    return Course(tuple(of_names(names)), inputs)


class Draw:
    """Draws a text for each picture of a batch and knows which other pictures it fits too."""

    def __init__(
        self, lessons: Sequence[Lesson], texts: features.Texts, *, word_share: float, seed: int
    ) -> None:
        self._random = np.random.default_rng(seed)
        self._word_share = word_share
        words = sorted(frozenset().union(*(lesson.shows for lesson in lessons)))
        self._columns = {word: column for column, word in enumerate(words)}
        self._captions = [texts.rows(lesson.captions) for lesson in lessons]
        self._phrased = [texts.rows(phrased(lesson.words)) for lesson in lessons]
        self._words = [[self._columns[w] for w in lesson.words] for lesson in lessons]
        self._shows = np.zeros((len(lessons), len(words) + 1), dtype=bool)
        for row, lesson in enumerate(lessons):
            self._shows[row, [self._columns[word] for word in lesson.shows]] = True

    def batches(self, size: int) -> Iterable[npt.NDArray[np.intp]]:
        """Yield the numbers of all lessons in random order, `size` at a time."""
        order = self._random.permutation(len(self._captions))
        for start in range(0, len(order) - size + 1, size):
            yield order[start : start + size]

    def texts(
        self, batch: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """Return a text row per picture, and which other pairs (picture, text) fit as well."""
        drawn = [self._text(number) for number in batch]
        columns = np.array([column for _, column in drawn])
        also = self._shows[np.ix_(batch, columns)]
        np.fill_diagonal(also, False)
        return np.array([row for row, _ in drawn]), also

    def _text(self, number: int) -> tuple[int, int]:
        """Return a text row, and the column of its word; a caption has the last, empty column."""
        captions, words = self._captions[number], self._words[number]
        if words and (not len(captions) or self._random.random() < self._word_share):
            pick = int(self._random.integers(len(words)))
            phrasing = int(self._random.integers(len(PHRASINGS)))
            return int(self._phrased[number][pick * len(PHRASINGS) + phrasing]), words[pick]
        return int(self._random.choice(captions)), self._shows.shape[1] - 1
