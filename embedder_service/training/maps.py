"""What the part of the picture tower that is never trained makes of pictures, kept in a folder.

Millions of multiplications per picture that every epoch would repeat are done once per view.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from common import images
from embedder_service import chunks, lite, mini_towers
from embedder_service.training import photos, views

log = logging.getLogger(__name__)
Halves = npt.NDArray[np.float16]
Open = Callable[[], Iterable[tuple[str, Image.Image]]]
BATCH = 64
DONE = "done.json"


@dataclass(frozen=True, slots=True)
class Maps:
    """Float16 arrays over examples and their views; view 0 is the picture as it is.

    `maps` (n, views, 17, 17, 120) of the lower tower; `pooled` (n, views, 1280) and `shares`
    (n, views, 1000) as the package's whole tower sees them.
    """

    examples: tuple[photos.Example, ...]
    maps: Halves
    pooled: Halves
    shares: Halves


class Tower(Protocol):
    """What `mini_towers.PictureTower` offers in two halves."""

    def maps(self, pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Return the maps at the cut, (n, 120, 17, 17), of squares of uint8."""
        ...

    def seen(self, maps: torch.Tensor) -> mini_towers.Seen:
        """Return what the upper half makes of the maps."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Examples to look at, where their pictures come from, and in how many views."""

    name: str
    examples: Sequence[photos.Example]
    open_pictures: Open
    views: int = 1
    seed: int = 0


def some(
    those: Sequence[Maps], numbers: npt.NDArray[np.intp], views: npt.NDArray[np.intp]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return maps, (n, 120, 17, 17), and shares, (n, 1000), float32, of views of examples.

    Examples are counted through all of `those`; of fewer views than asked for one is taken again.
    """
    starts = np.cumsum([0, *(len(each.examples) for each in those)])
    found = torch.empty((len(numbers), *those[0].maps.shape[2:]))
    shares = torch.empty((len(numbers), lite.CLASSES))
    for start, each in zip(starts, those, strict=False):
        here = np.flatnonzero((numbers >= start) & (numbers < start + len(each.examples)))
        where = (numbers[here] - start, views[here] % each.maps.shape[1])
        found[here] = torch.from_numpy(each.maps[where]).float()
        shares[here] = torch.from_numpy(each.shares[where]).float()
    return found.permute(0, 3, 1, 2), shares


def of(tower: Tower, wanted: Wanted, cache: Path) -> Maps:
    """Return the maps of `wanted`; what the folder `cache` lacks is computed and kept there.

    An interrupted run goes on where it stopped.
    """
    folder = cache / f"{wanted.name}-{wanted.views}-{wanted.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    kept = Maps(tuple(wanted.examples), **_arrays(folder, len(wanted.examples), wanted.views))
    done = _done(folder)
    if done == len(wanted.examples) * wanted.views:
        return kept
    for batch in chunks.of(BATCH, _squares(wanted, done)):
        _look(tower, batch, kept)
        done += len(batch)
        _note(folder, done, kept)
    return kept


def _arrays(folder: Path, count: int, number: int) -> dict[str, Halves]:
    width, *sides = lite.CUT_SHAPE
    shapes = {
        "maps": (*sides, width),
        "pooled": (lite.WIDTH,),
        "shares": (lite.CLASSES,),
    }
    return {
        name: _array(folder / f"{name}.npy", (count, number, *shape))
        for name, shape in shapes.items()
    }


def _array(path: Path, shape: tuple[int, ...]) -> Halves:
    if not path.is_file():
        return np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    stored = np.lib.format.open_memmap(path, mode="r+")
    if stored.shape != shape:
        raise ValueError(f"{path} has the shape {stored.shape}, wanted {shape}: delete its folder")
    return stored


def _done(folder: Path) -> int:
    path = folder / DONE
    return int(json.loads(path.read_text())) if path.is_file() else 0


def _note(folder: Path, done: int, kept: Maps) -> None:
    for array in (kept.maps, kept.pooled, kept.shares):
        array.flush()  # type: ignore[attr-defined]
    folder.joinpath(DONE).write_text(json.dumps(done), encoding="utf-8")
    total = kept.maps.shape[0] * kept.maps.shape[1]
    if done == total or done // BATCH % 20 == 0:
        log.info("%s: %d of %d views", folder.name, done, total)


Square = tuple[int, int, npt.NDArray[np.uint8]]


def _squares(wanted: Wanted, start: int) -> Iterator[Square]:
    """Yield number of example and of view with the pixels, in a fixed order, from `start` on."""
    by_name: dict[str, list[int]] = {}
    for number, example in enumerate(wanted.examples):
        by_name.setdefault(example.name, []).append(number)
    place = 0
    for name, picture in wanted.open_pictures():
        for number in by_name.get(name, ()):
            place += wanted.views
            if place > start:
                part = images.crop(picture, wanted.examples[number].part)
                for view in range(max(0, start - place + wanted.views), wanted.views):
                    yield number, view, views.view(part, view, (wanted.seed, number))


def _look(tower: Tower, batch: Sequence[Square], kept: Maps) -> None:
    examples, numbers, squares = zip(*batch, strict=True)
    maps = tower.maps(np.stack(squares))
    seen = tower.seen(maps)
    where = (np.array(examples), np.array(numbers))
    kept.maps[where] = maps.permute(0, 2, 3, 1).to(torch.float16).cpu().numpy()
    kept.pooled[where] = seen.pooled.half().cpu().numpy()
    kept.shares[where] = seen.shares.half().cpu().numpy()
