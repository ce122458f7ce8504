"""How well pictures are found by text, on photos that were not trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from common.vectors import Floats
from embedder_service import mini_heads, mini_towers, retrieval
from embedder_service.training import alike, features, photos


@dataclass(frozen=True, slots=True)
class Embedded:
    """Unit rows of pictures and of texts, float32, and which picture each text belongs to."""

    examples: tuple[photos.Example, ...]
    pictures: Floats
    texts: Floats
    owners: npt.NDArray[np.intp]


def embedded(heads: mini_heads.Heads, seen: features.Pictures, texts: features.Texts) -> Embedded:
    """Return pictures with all their texts."""
    wanted = [text for example in seen.examples for text in example.texts]
    counts = [len(example.texts) for example in seen.examples]
    return Embedded(
        seen.examples,
        pictures=of_seen(heads, seen.pooled, seen.shares),
        texts=of_texts(heads, texts, wanted),
        owners=np.repeat(np.arange(len(counts)), counts),
    )


@torch.inference_mode()
def of_seen(heads: mini_heads.Heads, pooled: features.Halves, shares: features.Halves) -> Floats:
    """Return unit rows of what the picture tower has seen, shape (n, 512)."""
    seen = mini_towers.Seen(torch.from_numpy(pooled).float(), torch.from_numpy(shares).float())
    return np.asarray(heads.pictures(seen).numpy(), dtype=np.float32)


@torch.inference_mode()
def of_texts(heads: mini_heads.Heads, texts: features.Texts, wanted: Sequence[str]) -> Floats:
    """Return unit rows of texts, shape (n, 512)."""
    rows = torch.from_numpy(texts.vectors[texts.rows(wanted)]).float()
    return np.asarray(heads.texts(rows).numpy(), dtype=np.float32)


def recall(those: Embedded) -> tuple[float, ...]:
    """Return the share of texts whose own picture is among the first 1, 5 and 10 of all."""
    cosines = those.texts @ those.pictures.T
    own = cosines[np.arange(len(cosines)), those.owners]
    places = (cosines >= own[:, None]).sum(1)
    return tuple(float((places <= rank).mean()) for rank in retrieval.RANKS)


@dataclass(frozen=True, slots=True)
class Words:
    """Single words that photos show: which surely (most captions), and which perhaps (any)."""

    words: tuple[str, ...]
    surely: npt.NDArray[np.bool_]
    perhaps: npt.NDArray[np.bool_]


def words(examples: Sequence[photos.Example], *, least: int = 4, most: int = 200) -> Words:
    """Return the words that `least` to `most` photos show, each table (words, photos)."""
    agreed = [alike.agreed(example.texts) for example in examples]
    said = [alike.agreed(example.texts, least=1) for example in examples]
    every = sorted(frozenset().union(*agreed))
    surely = np.array([[word in group for group in agreed] for word in every])
    perhaps = np.array([[word in group for group in said] for word in every])
    fit = (surely.sum(1) >= least) & (surely.sum(1) <= most)
    kept = tuple(word for word, good in zip(every, fit, strict=True) if good)
    return Words(kept, surely[fit], perhaps[fit])


def mean_precision(cosines: Floats, those: Words) -> float:
    """Return the mean average precision of finding photos by one word; doubtful ones left out."""
    return float(
        np.mean(
            [
                retrieval.average_precision(_by_cosine(row[sure | ~maybe], sure[sure | ~maybe]))
                for row, sure, maybe in zip(cosines, those.surely, those.perhaps, strict=True)
            ]
        )
    )


def _by_cosine(cosines: Floats, right: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return right[np.argsort(-cosines, kind="stable")]
