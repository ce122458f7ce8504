"""Maps of pictures are kept in a folder; a run that died goes on where it was, to the same maps."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from common.samples import Box
from embedder_service import lite, mini_towers
from embedder_service.training import maps, views
from embedder_service.training.photos import Example

COUNT, VIEWS = 40, 4


class Died(Exception):
    """Stands for kill -9."""


class SmallTower:
    """Says how bright the corners of a picture are; dies before batch number `last`."""

    def __init__(self, last: int = 1000) -> None:
        self.looked, self._last = 0, last

    def maps(self, pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
        if self.looked // maps.BATCH >= self._last:
            raise Died
        self.looked += len(pixels)
        corner = torch.from_numpy(pixels[:, ::16, ::16, :1].copy()).float().permute(0, 3, 1, 2)
        return corner.expand(-1, *lite.CUT_SHAPE)

    def seen(self, looked: torch.Tensor) -> mini_towers.Seen:
        mean = looked.mean((1, 2, 3))[:, None]
        return mini_towers.Seen(mean.expand(-1, lite.WIDTH), mean.expand(-1, lite.CLASSES))


def wanted() -> maps.Wanted:
    examples = [Example(f"{n}", Box(0, 0, 1, 1), ("a",), "train") for n in range(COUNT)]

    def pictures() -> Iterator[tuple[str, Image.Image]]:
        for number in reversed(range(COUNT)):
            noise = np.random.default_rng(number).integers(0, 256, (30, 40, 3), np.uint8)
            yield str(number), Image.fromarray(noise)

    return maps.Wanted("photos", examples, pictures, views=VIEWS, seed=7)


def test_run_that_died_goes_on_to_the_same_maps(tmp_path: Path) -> None:
    whole = maps.of(SmallTower(), wanted(), tmp_path / "whole")
    with pytest.raises(Died):
        maps.of(SmallTower(last=1), wanted(), tmp_path / "broken")
    tower = SmallTower()
    resumed = maps.of(tower, wanted(), tmp_path / "broken")
    assert tower.looked == COUNT * VIEWS - maps.BATCH
    for ours, theirs in ((resumed.maps, whole.maps), (resumed.pooled, whole.pooled)):
        np.testing.assert_array_equal(ours, theirs)


def test_maps_that_are_kept_are_not_looked_at_again(tmp_path: Path) -> None:
    maps.of(SmallTower(), wanted(), tmp_path)
    tower = SmallTower()
    maps.of(tower, wanted(), tmp_path)
    assert tower.looked == 0


def test_first_view_is_the_picture_and_the_others_are_parts_that_repeat() -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8))
    first, second, again = (views.view(picture, number, (1, 2)) for number in (0, 1, 1))
    np.testing.assert_array_equal(first, mini_towers.square(picture))
    np.testing.assert_array_equal(second, again)
    assert first.shape == second.shape
    assert np.abs(first.astype(int) - second).mean() > 5
