"""The pictures that the heads learn from and are measured on, as the frozen tower sees them."""

from dataclasses import dataclass
from pathlib import Path

from embedder_service.hardware import Hardware
from embedder_service.training import features, photos


@dataclass(frozen=True, slots=True)
class Material:
    """Flickr8k photos, COCO photos, and single things cut out of COCO photos."""

    flickr8k: features.Pictures
    coco: features.Pictures
    things: features.Pictures


def load(folder: Path, cache: Path, hardware: Hardware) -> Material:
    """Return the features of the photos in `folder`; what `cache` lacks is computed and kept."""
    cache.mkdir(parents=True, exist_ok=True)
    flickr8k, coco = folder / "flickr8k", folder / "coco"
    of_flickr8k, of_coco = photos.flickr8k(flickr8k), photos.coco(coco)
    of_things = photos.coco_things(coco)
    return Material(
        coco=_pictures(cache / "coco.npz", of_coco, coco, hardware),
        things=_pictures(cache / "things.npz", of_things, coco, hardware),
        flickr8k=features.pictures(
            cache / "flickr8k.npz",
            of_flickr8k,
            lambda: photos.flickr8k_pictures(flickr8k),
            hardware=hardware,
        ),
    )


def _pictures(
    cache: Path, examples: list[photos.Example], folder: Path, hardware: Hardware
) -> features.Pictures:
    return features.pictures(
        cache, examples, lambda: photos.coco_pictures(folder), hardware=hardware
    )
