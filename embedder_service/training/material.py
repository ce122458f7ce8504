"""The pictures that the model learns from and is measured on, as the frozen half sees them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from embedder_service import mini_towers
from embedder_service.training import maps, photos

VIEWS = 3
TRAIN, VAL, TEST = "train", "val", "test"
COCO_TRAIN, COCO_VAL = "train2017", "val2017"
Open = Callable[[], Iterator[tuple[str, Image.Image]]]


@dataclass(frozen=True, slots=True)
class Material:
    """Flickr8k and COCO photos with captions, and single things cut out of COCO photos.

    Those to learn from are there in several views.
    """

    flickr8k_train: maps.Maps
    flickr8k_val: maps.Maps
    flickr8k_test: maps.Maps
    coco_train: maps.Maps
    coco_val: maps.Maps
    things_train: maps.Maps
    things_val: maps.Maps

    @property
    def taught(self) -> tuple[maps.Maps, maps.Maps, maps.Maps]:
        """What is learnt from: Flickr8k, COCO, things."""
        return self.flickr8k_train, self.coco_train, self.things_train


def load(folder: Path, cache: Path, tower: mini_towers.PictureTower, seed: int) -> Material:
    """Return the maps of the photos in `folder`; what `cache` lacks is computed and kept."""
    flickr8k, coco = folder / "flickr8k", folder / "coco"

    def of(name: str, those: Sequence[photos.Example], split: str, opened: Open) -> maps.Maps:
        kept = [example for example in those if example.split == split]
        number = VIEWS if split in (TRAIN, COCO_TRAIN) else 1
        return maps.of(tower, maps.Wanted(name, kept, opened, number, seed), cache)

    captioned, pictured = photos.flickr8k(flickr8k), photos.coco(coco)
    things = photos.coco_things(coco)

    def of_flickr8k() -> Iterator[tuple[str, Image.Image]]:
        return photos.flickr8k_pictures(flickr8k)

    def of_coco() -> Iterator[tuple[str, Image.Image]]:
        return photos.coco_pictures(coco)

    return Material(
        flickr8k_train=of("flickr8k-train", captioned, TRAIN, of_flickr8k),
        flickr8k_val=of("flickr8k-val", captioned, VAL, of_flickr8k),
        flickr8k_test=of("flickr8k-test", captioned, TEST, of_flickr8k),
        coco_train=of("coco-train", pictured, COCO_TRAIN, of_coco),
        coco_val=of("coco-val", pictured, COCO_VAL, of_coco),
        things_train=of("things-train", things, COCO_TRAIN, of_coco),
        things_val=of("things-val", things, COCO_VAL, of_coco),
    )
