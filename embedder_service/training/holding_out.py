"""Scenes kept from training: does what was learnt reach photos and words that no lesson had?"""

import fnmatch
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from embedder_service.training import alike, evaluate, maps
from embedder_service.training.material import Material
from embedder_service.training.photos import Example


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Photos with a word in any caption that fits one of `patterns`, as a shell has them."""

    patterns: tuple[str, ...]

    def has(self, example: Example) -> bool:
        """Return whether it is one of them."""
        return any(self._is(word) for word in alike.agreed(example.texts, least=1))

    def left(self, seen: Material) -> Material:
        """Return `seen` without those of them that would be learnt from."""
        return replace(
            seen,
            flickr8k_train=self._left(seen.flickr8k_train),
            coco_train=self._left(seen.coco_train),
            things_train=self._left(seen.things_train),
        )

    def figures(self, judge: evaluate.Judge, those: maps.Maps) -> tuple[float, float, float]:
        """Return R@10 of their captions, R@10 of all others, and how well their words find.

        The last is the mean average precision of the words that a pattern fits. All photos of
        `those` are searched.
        """
        seen = judge.embedded(those)
        theirs = np.array([self.has(example) for example in seen.examples])[seen.owners]
        shown = evaluate.words(seen.examples)
        own = np.array([self._is(word) for word in shown.words])
        names = tuple(filter(self._is, shown.words))
        words = evaluate.Words(names, shown.surely[own], shown.perhaps[own])
        precision = evaluate.mean_precision(judge.of_texts(words.words) @ seen.pictures.T, words)
        return _recall(seen, theirs), _recall(seen, ~theirs), precision

    def _is(self, word: str) -> bool:
        return any(fnmatch.fnmatchcase(word, pattern) for pattern in self.patterns)

    def _left(self, those: maps.Maps) -> maps.Maps:
        kept = np.flatnonzero([not self.has(example) for example in those.examples])
        return maps.Maps(
            tuple(those.examples[number] for number in kept),
            maps=those.maps[kept],
            pooled=those.pooled[kept],
            shares=those.shares[kept],
        )


def _recall(seen: evaluate.Embedded, which: npt.NDArray[np.bool_]) -> float:
    some = replace(seen, texts=seen.texts[which], owners=seen.owners[which])
    return evaluate.recall(some)[-1]
