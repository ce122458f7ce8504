"""How captions lie to pictures: own and foreign cosines, and the gap between both kinds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common import retrieval
from common.retrieval import Question
from common.vectors import Floats


@dataclass(frozen=True, slots=True)
class Gap:
    """Mean cosines, and what is found by them.

    own, foreign: of a caption and its picture, and another. pictures, texts: of two pictures, of
    two captions of different pictures. gap: length of the way from the mean picture to the mean
    caption (Liang et al. 2022), in [0, 2]. r_at_1, r_at_10: share of the captions whose picture is
    among the first 1 and 10 of all.
    """

    photos: int
    captions: int
    own: float
    foreign: float
    pictures: float
    texts: float
    gap: float
    r_at_1: float
    r_at_10: float


def of(pictures: Floats, texts: Floats, owners: Sequence[int]) -> Gap:
    """Return the figures of unit rows; `owners` says which picture each text belongs to."""
    own = np.asarray(owners)
    cosines = texts @ pictures.T
    mine = own[:, None] == np.arange(len(pictures))[None]
    found = retrieval.figures(pictures, texts, [Question("", frozenset({row})) for row in owners])
    way = pictures.mean(0) - texts.mean(0)
    return Gap(
        photos=len(pictures),
        captions=len(texts),
        own=_mean(cosines[mine]),
        foreign=_mean(cosines[~mine]),
        pictures=_mean((pictures @ pictures.T)[np.triu_indices(len(pictures), 1)]),
        texts=_mean((texts @ texts.T)[own[:, None] != own[None]]),
        gap=float(np.linalg.norm(way)),
        r_at_1=found.recalls[0],
        r_at_10=found.recalls[-1],
    )


def _mean(cosines: Floats) -> float:
    return float(cosines.mean()) if cosines.size else 0.0
