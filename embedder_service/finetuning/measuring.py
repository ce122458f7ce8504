"""How well a model knows its names, and what it has kept of everything else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from PIL import Image

from common import retrieval
from common.retrieval import Question
from common.vectors import Floats
from embedder_service import chunks
from embedder_service.encoder import Encoder, Pixels
from embedder_service.finetuning import batches
from embedder_service.finetuning.background import Captioned
from embedder_service.finetuning.learner import Learner
from embedder_service.finetuning.names import Named

BATCH = 32
PHRASE = "a photo of {}"


class Measurable(Protocol):
    """A model that turns pictures and texts into unit rows, float32."""

    def prepare(self, image: Image.Image) -> Pixels: ...

    def see(self, pixels: Sequence[Pixels]) -> Floats: ...

    def read(self, texts: Sequence[str]) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit rows of pictures (n, d) and of texts (m, d); `owners` are the pictures of each text."""

    pictures: Floats
    texts: Floats
    owners: tuple[frozenset[int], ...]

    @property
    def similarity(self) -> float:
        """Mean cosine of the pictures and texts that belong together, in [-1, 1]."""
        pairs = zip(self.owners, self.texts, strict=True)
        cosines = [self.pictures[list(own)] @ text for own, text in pairs]
        return float(np.concatenate(cosines).mean()) if cosines else 0.0

    def figures(self) -> retrieval.Figures:
        """Return how well the pictures are found by the texts."""
        questions = [Question("", own) for own in self.owners]
        return retrieval.figures(self.pictures, self.texts, questions)

    def loss(self, scale: float) -> float:
        """Return the mean over texts of -log of the share that its own pictures have among all."""
        shares = torch.from_numpy(scale * self.texts @ self.pictures.T).log_softmax(1)
        own = [-shares[row, list(those)].logsumexp(0) for row, those in enumerate(self.owners)]
        return float(torch.stack(own).mean()) if own else 0.0


class Taught:
    """A learner as something that can be measured: without gradients and without dropout."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self.prepare = learner.prepare

    def see(self, pixels: Sequence[Pixels]) -> Floats:
        return self._rows(self._learner.pictures, pixels)

    def read(self, texts: Sequence[str]) -> Floats:
        return self._rows(self._learner.texts, texts)

    def _rows(self, embed: object, items: Sequence[object]) -> Floats:
        assert callable(embed)
        self._learner.module.eval()
        with torch.no_grad():
            rows: Floats = embed(items).float().cpu().numpy()
        return rows


class Finished:
    """An encoder as something that can be measured."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.prepare = encoder.prepare

    def see(self, pixels: Sequence[Pixels]) -> Floats:
        return self._encoder.encode_images(pixels)

    def read(self, texts: Sequence[str]) -> Floats:
        return self._encoder.encode_texts(texts).vectors


def of_names(model: Measurable, photos: Sequence[Named]) -> Vectors:
    """Return the photos, and one text per name, which all photos of the name belong to."""
    known = sorted({each.name for each in photos})
    owners = (
        frozenset(row for row, each in enumerate(photos) if each.name == name) for name in known
    )
    pictures = _pictures(model, (batches.decoded(each.path) for each in photos))
    return Vectors(pictures, _texts(model, [PHRASE.format(n) for n in known]), tuple(owners))


def of_background(model: Measurable, photos: Sequence[Captioned]) -> Vectors:
    """Return the photos and all their captions."""
    captions = [(row, text) for row, each in enumerate(photos) for text in each.captions]
    pictures = _pictures(model, map(batches.opened, photos))
    owners = tuple(frozenset({row}) for row, _ in captions)
    return Vectors(pictures, _texts(model, [text for _, text in captions]), owners)


def _pictures(model: Measurable, images: Iterable[Image.Image]) -> Floats:
    rows = [model.see(batch) for batch in chunks.of(BATCH, map(model.prepare, images))]
    return np.concatenate(rows)


def _texts(model: Measurable, wanted: Sequence[str]) -> Floats:
    rows = [model.read([text.lower() for text in batch]) for batch in chunks.of(BATCH, wanted)]
    return np.concatenate(rows)
