"""A cut at 0.5 between two photos, by the embedded model: the same photo changed, or another."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from common import images
from common.calibration import Pair
from common.samples import Box
from embedder_service import catalogue, encoder, hardware

PHOTOS, SIDE = 32, 320


@pytest.fixture(scope="module")
def photos(data: Path) -> list[Image.Image]:
    """Photos that took no part in training."""
    folder = data / "flickr8k"
    if not folder.is_dir():
        pytest.skip(f"no photos in {folder}")
    wanted = {Path(name).name for name in json.loads((folder / "splits.json").read_text())["test"]}
    found: list[Image.Image] = []
    with tarfile.open(folder / "images.tar") as archive:
        for member in archive:
            file = archive.extractfile(member) if Path(member.name).name in wanted else None
            if file is not None and len(found) < PHOTOS:
                found.append(images.decode(file.read(), long_side=SIDE).image)
    return found


def changed(photo: Image.Image) -> list[Image.Image]:
    """Return a crop of three quarters of each side, the mirror image, and a poor JPEG."""
    poor = images.decode(images.encode_jpeg(photo, quality=25)).image
    return [images.crop(photo, Box(0.15, 0.1, 0.75, 0.75)), ImageOps.mirror(photo), poor]


@pytest.mark.weights
def test_half_separates_a_photo_changed_from_other_photos(photos: list[Image.Image]) -> None:
    model = catalogue.load("mini", hardware.Hardware(torch.device("cpu"), torch.float32))
    whole = encoder.encode_pictures(model, photos)
    others = [
        encoder.encode_pictures(model, list(one)) for one in zip(*map(changed, photos), strict=True)
    ]
    constants = model.about.calibrations[Pair.IMAGE_IMAGE]
    own = [constants.scores(np.vecdot(whole, rows)) for rows in others]
    foreign = constants.scores(whole @ whole.T)[~np.eye(len(whole), dtype=np.bool_)]
    found, kept_out = float(np.mean(np.array(own) >= 0.5)), float(np.mean(foreign < 0.5))
    assert (found + kept_out) / 2 >= 0.85, f"own {found:.3f}, others {kept_out:.3f}"
