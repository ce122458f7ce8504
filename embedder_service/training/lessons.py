"""What is taught: pictures, texts that fit them, and which texts are no counter-example.

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
from embedder_service.training import alike, maps, photos, reading

PHRASINGS = ("{}", "a {}", "a photo of a {}", "{}s", "is there a {}?")
LEAST_PHOTOS = 3


@dataclass(frozen=True, slots=True)
class Lesson:
    """One picture's captions, the single words for it, and all words that it is known to show."""

    captions: tuple[str, ...]
    words: tuple[str, ...]
    shows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons in the order of their pictures: those of `pictures`, then the stand-ins.

    `stand_ins` (1000, 1664) is what the picture head looks at for a class of ImageNet.
    """

    lessons: tuple[Lesson, ...]
    pictures: tuple[maps.Maps, ...]
    stand_ins: torch.Tensor

    @property
    def photos(self) -> int:
        """How many lessons have a picture."""
        return len(self.lessons) - len(self.stand_ins)


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


def stand_ins(heads: mini_heads.Heads, classifier: torch.Tensor, *, length: float) -> torch.Tensor:
    """Return a stand-in picture per class: its row of the classifier, shape (1000, 1280).

    `length` is that of a photo's standardised features.
    """
    own = classifier.detach().to(heads.spread.device)
    rows = (own - own.mean(0)) / heads.spread
    rows = torch.nn.functional.normalize(rows, dim=1) * length
    mixture = torch.nn.functional.normalize(heads.class_names, dim=1)
    return torch.cat([rows, mini_heads.MIXTURE_SCALE * mixture], dim=1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A lesson, the row of a text and the column of its word for each place in a batch."""

    lessons: npt.NDArray[np.intp]
    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]


class Draw:
    """Draws a text for each picture of a batch and knows which other pictures it fits too."""

    def __init__(
        self, lessons: Sequence[Lesson], texts: reading.Texts, *, word_share: float, seed: int
    ) -> None:
        self.start(seed)
        self._word_share = word_share
        words = sorted(frozenset().union(*(lesson.shows for lesson in lessons)))
        self._columns = {word: column for column, word in enumerate(words)}
        self._captions = _rows(texts, [lesson.captions for lesson in lessons])
        self._phrased = _rows(texts, [phrased(lesson.words) for lesson in lessons])
        self._words = [[self._columns[w] for w in lesson.words] for lesson in lessons]
        self._shows = np.zeros((len(lessons), len(words) + 1), dtype=bool)
        for row, lesson in enumerate(lessons):
            self._shows[row, [self._columns[word] for word in lesson.shows]] = True

    def start(self, seed: int) -> None:
        """Draw from here on as `seed` says."""
        self._random = np.random.default_rng(seed)

    def views(self, count: int) -> npt.NDArray[np.intp]:
        """Return numbers of views, to be taken modulo how many there are."""
        return self._random.integers(2**16, size=count)

    def batches(self, size: int) -> Iterable[npt.NDArray[np.intp]]:
        """Yield the numbers of all lessons in random order, `size` at a time."""
        order = self._random.permutation(len(self._captions))
        for start in range(0, len(order) - size + 1, size):
            yield order[start : start + size]

    def texts(self, batch: npt.NDArray[np.intp]) -> Drawn:
        """Return a text per lesson."""
        drawn = np.array([self._text(number) for number in batch], dtype=np.intp)
        return Drawn(batch, drawn[:, 0], drawn[:, 1])

    def also(self, drawn: Drawn) -> npt.NDArray[np.bool_]:
        """Return which pairs (picture, text) fit, apart from those in the same place."""
        fit = self._shows[np.ix_(drawn.lessons, drawn.columns)]
        fit |= drawn.lessons[:, None] == drawn.lessons[None, :]
        np.fill_diagonal(fit, False)
        return fit

    def _text(self, number: int) -> tuple[int, int]:
        """Return a text row, and the column of its word; a caption has the last, empty column."""
        captions, words = self._captions[number], self._words[number]
        if words and (not len(captions) or self._random.random() < self._word_share):
            pick = int(self._random.integers(len(words)))
            phrasing = int(self._random.integers(len(PHRASINGS)))
            return int(self._phrased[number][pick * len(PHRASINGS) + phrasing]), words[pick]
        return int(self._random.choice(captions)), self._shows.shape[1] - 1


def _rows(texts: reading.Texts, groups: Sequence[Sequence[str]]) -> list[npt.NDArray[np.intp]]:
    """Return the rows of each group, looked up at once, for a look-up goes through all texts."""
    ends = np.cumsum([len(group) for group in groups])[:-1]
    return np.split(texts.rows([text for group in groups for text in group]), ends)
