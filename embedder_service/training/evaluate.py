"""How well pictures are found by text, on photos that were not trained on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from common import retrieval
from common.vectors import Floats
from embedder_service import chunks, mini_towers, minilm
from embedder_service.hardware import Hardware
from embedder_service.mini_tuned import Tuned
from embedder_service.training import alike, maps, photos, reading

BATCH = 128


@dataclass(frozen=True, slots=True)
class Embedded:
    """Unit rows of pictures and of texts, float32, and which picture each text belongs to."""

    examples: tuple[photos.Example, ...]
    pictures: Floats
    texts: Floats
    owners: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Judge:
    """Looks at pictures and texts with trained weights, as the service does."""

    tuned: Tuned
    classifier: torch.nn.Module
    texts: reading.Texts
    hardware: Hardware

    def embedded(self, seen: maps.Maps) -> Embedded:
        """Return pictures as they are, with all their texts."""
        wanted = [text for example in seen.examples for text in example.texts]
        counts = [len(example.texts) for example in seen.examples]
        return Embedded(
            seen.examples,
            pictures=self.of_pictures(seen),
            texts=self.of_texts(wanted),
            owners=np.repeat(np.arange(len(counts)), counts),
        )

    def of_pictures(self, those: maps.Maps) -> Floats:
        """Return unit rows of the first views, shape (n, 512)."""
        return _rows(self.tuned.heads.pictures(seen) for seen in self._seen(those))

    def of_texts(self, wanted: Sequence[str]) -> Floats:
        """Return unit rows, shape (n, 512)."""
        return _rows(self.tuned.heads.texts(read) for read in self._read(wanted))

    @torch.inference_mode()
    def looked(self, those: maps.Maps) -> torch.Tensor:
        """Return what the picture head alone says of the first views, shape (n, 512)."""
        heads = self.tuned.heads
        seen = ((each.pooled, heads.mixture(each.shares)) for each in self._seen(those))
        return torch.cat([heads.picture_head(heads.inputs(*each)) for each in seen])

    @torch.inference_mode()
    def read(self, wanted: Sequence[str]) -> torch.Tensor:
        """Return what the text head alone says, shape (n, 512)."""
        head = self.tuned.heads.text_head
        return torch.cat([head(read.tuned) for read in self._read(wanted)])

    @torch.inference_mode()
    def _seen(self, those: maps.Maps) -> Iterator[mini_towers.Seen]:
        for batch in chunks.of(BATCH, range(len(those.examples))):
            numbers = np.array(batch)
            looked, _ = maps.some([those], numbers, np.zeros_like(numbers))
            with self.hardware.towers():
                pooled = self.tuned.upper(looked.to(self.hardware.device))
            yield mini_towers.Seen(pooled, self.classifier(pooled).softmax(-1))

    @torch.inference_mode()
    def _read(self, wanted: Sequence[str]) -> Iterator[mini_towers.Read]:
        for batch in chunks.of(BATCH, self.texts.rows(wanted)):
            numbers = np.array(batch)
            with self.hardware.towers():
                shared = self.texts.reading(numbers, self.hardware.device)
                read = minilm.through(self.tuned.layers, shared)
            plain = torch.from_numpy(self.texts.plain[numbers]).to(shared.states)
            yield mini_towers.Read(plain, read.mean())


@torch.inference_mode()
def _rows(batches: Iterable[torch.Tensor]) -> Floats:
    return np.asarray(torch.cat([*batches]).cpu().numpy(), dtype=np.float32)


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
