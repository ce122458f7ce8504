"""What the frozen towers say of every picture and text, computed once and kept in a folder."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from common import images
from embedder_service import chunks, mini_towers, texts
from embedder_service.hardware import Hardware
from embedder_service.training import photos

log = logging.getLogger(__name__)
Halves = npt.NDArray[np.float16]
BATCH = 32
TEXT_BATCH = 128


@dataclass(frozen=True, slots=True)
class Pictures:
    """Float16 rows of one collection: `pooled` (n, 1280), `shares` (n, 1000), one per example."""

    examples: tuple[photos.Example, ...]
    pooled: Halves
    shares: Halves


@dataclass(frozen=True, slots=True)
class Texts:
    """Distinct normalised texts and their unit rows, float16, shape (n, 384)."""

    texts: tuple[str, ...]
    vectors: Halves

    def rows(self, wanted: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return the row of each text."""
        places = {text: row for row, text in enumerate(self.texts)}
        return np.array([places[texts.normalised(text)] for text in wanted], dtype=np.intp)


def of_split(seen: Pictures, split: str) -> Pictures:
    """Return the examples of one split."""
    rows = [row for row, example in enumerate(seen.examples) if example.split == split]
    kept = tuple(seen.examples[row] for row in rows)
    return Pictures(kept, seen.pooled[rows], seen.shares[rows])


Open = Callable[[], Iterable[tuple[str, Image.Image]]]


def pictures(
    cache: Path, examples: Sequence[photos.Example], open_pictures: Open, *, hardware: Hardware
) -> Pictures:
    """Return what the picture tower says of every example, from the file `cache` if it is there."""
    if not cache.is_file():
        tower = mini_towers.PictureTower(hardware)
        rows = list(_looked_at(tower, _squares(examples, open_pictures)))
        order = np.argsort(np.concatenate([numbers for numbers, _, _ in rows]))
        pooled = np.concatenate([pooled for _, pooled, _ in rows])[order]
        shares = np.concatenate([shares for _, _, shares in rows])[order]
        np.savez(cache, pooled=pooled, shares=shares)
        log.info("%s: %d pictures", cache.name, len(pooled))
    with np.load(cache) as stored:
        return Pictures(tuple(examples), stored["pooled"], stored["shares"])


def written(cache: Path, wanted: Iterable[str], hardware: Hardware) -> Texts:
    """Return the text tower's vectors of all `wanted`; the file `cache` keeps what was computed."""
    known = _read_texts(cache)
    lacking = {texts.normalised(text) for text in wanted} - set(known.texts)
    if not lacking:
        return known
    tower = mini_towers.TextTower(hardware)
    fresh = sorted(lacking, key=lambda text: (len(text), text))
    rows = [tower(batch).half().cpu().numpy() for batch in chunks.of(TEXT_BATCH, fresh)]
    every = Texts((*known.texts, *fresh), np.concatenate([known.vectors, *rows]))
    np.savez(cache, texts=np.array(every.texts), vectors=every.vectors)
    log.info("%s: %d texts", cache.name, len(every.texts))
    return every


def _read_texts(cache: Path) -> Texts:
    if not cache.is_file():
        return Texts((), np.zeros((0, mini_towers.TEXT_WIDTH), dtype=np.float16))
    with np.load(cache) as stored:
        return Texts(tuple(stored["texts"].tolist()), stored["vectors"])


Square = tuple[int, npt.NDArray[np.uint8]]


def _squares(examples: Sequence[photos.Example], open_pictures: Open) -> Iterator[Square]:
    """Yield the number and the prepared part of each example, every picture opened once."""
    wanted: dict[str, list[int]] = {}
    for number, example in enumerate(examples):
        wanted.setdefault(example.name, []).append(number)
    for name, image in open_pictures():
        for number in wanted.get(name, ()):
            yield number, mini_towers.square(images.crop(image, examples[number].part))


def _looked_at(
    tower: mini_towers.PictureTower, squares: Iterable[Square]
) -> Iterator[tuple[npt.NDArray[np.intp], Halves, Halves]]:
    for done, batch in enumerate(chunks.of(BATCH, squares)):
        seen = tower(np.stack([square for _, square in batch]))
        if done % 20 == 0:
            log.info("%d pictures", done * BATCH)
        numbers = np.array([number for number, _ in batch], dtype=np.intp)
        yield numbers, seen.pooled.half().cpu().numpy(), seen.shares.half().cpu().numpy()
