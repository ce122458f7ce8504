"""Pairs to calibrate the embedded model on: validation photos, their captions and words."""

from collections.abc import Sequence

import numpy as np

from common.calibration import Pair
from embedder_service.training import alike, evaluate


def rewritten(text: str) -> str:
    """Return `text` as a careless reader or typist might have it: two letters swapped mid-way."""
    middle = len(text) // 2
    return text[:middle] + text[middle : middle + 2][::-1] + text[middle + 2 :]


def pairs(judge: evaluate.Judge, those: evaluate.Embedded) -> dict[Pair, alike.Pairs]:
    """Return cosines of matched and unmatched pairs of every two modalities."""
    shown = evaluate.words(those.examples)
    by_word = judge.of_texts(shown.words) @ those.pictures.T
    by_caption = those.texts @ those.pictures.T
    own = those.owners[:, None] == np.arange(len(those.pictures))[None, :]
    return {
        Pair.TEXT_IMAGE: alike.Pairs(
            np.concatenate([by_caption[own], by_word[shown.surely]]),
            np.concatenate([by_caption[~own], by_word[~shown.perhaps]]),
        ),
        Pair.IMAGE_IMAGE: alike.of_photos(
            those.pictures, [example.texts for example in those.examples]
        ),
        Pair.TEXT_TEXT: _of_texts(judge, first_captions(those), shown.words),
    }


def first_captions(those: evaluate.Embedded) -> list[str]:
    """Return one caption per photo."""
    return [example.texts[0] for example in those.examples]


def _of_texts(judge: evaluate.Judge, captions: Sequence[str], words: Sequence[str]) -> alike.Pairs:
    """Matched: a text and itself, or a caption rewritten. Unmatched: a text and its nearest other.

    The nearest other, because that is what a search through thousands of texts comes upon.
    """
    every = list(dict.fromkeys((*captions, *words)))
    vectors = judge.of_texts(every)
    again = judge.of_texts([rewritten(text) for text in captions])
    own = judge.of_texts(captions)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    matched = np.concatenate([(own * again).sum(1), np.ones(len(every), dtype=np.float32)])
    return alike.Pairs(matched, cosines.max(1))
