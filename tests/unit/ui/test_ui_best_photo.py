"""The best of a group has the most pixels, then is the sharpest, then has the most bytes."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from common.samples import PhotoFacts
from ui import best_photo
from ui.best_photo import Look


def look(name: str, width: int, sharp: float, size: int, *, at_s: int = 0) -> Look:
    """Return a photo 100 pixels high."""
    facts = PhotoFacts(name * 64, width, 100, size, "JPEG", imported_at_s=at_s)
    return Look(facts, sharp)


@pytest.mark.parametrize(
    ("others", "best", "why"),
    [
        ([look("b", 200, 1, 1)], "b", "most pixels"),
        ([look("b", 104, 20, 1)], "b", "sharpest"),
        ([look("b", 104, 10.5, 9), look("c", 104, 10.5, 1)], "b", "most bytes"),
        ([look("b", 200, 1, 5), look("c", 200, 9, 5)], "c", "most pixels, sharpest"),
        ([look("b", 100, 10, 5, at_s=-1)], "b", "imported first"),
    ],
)
def test_best_photo_and_its_reason(others: list[Look], best: str, why: str) -> None:
    chosen, reason = best_photo.best([look("a", 100, 10, 5), *others])
    assert (chosen.facts.photo_id[0], reason) == (best, why)


def test_a_blurred_picture_is_less_sharp() -> None:
    noise = np.random.default_rng(0).integers(256, size=(60, 80), dtype=np.uint8)
    sharp = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(1))
    figures = []
    for picture in (sharp, sharp.filter(ImageFilter.GaussianBlur(2))):
        file = io.BytesIO()
        picture.save(file, "JPEG")
        figures.append(best_photo.sharpness(file.getvalue()))
    assert figures[0] > 2 * figures[1] > 0


def test_a_picture_of_two_pixels_has_no_sharpness() -> None:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "JPEG")
    assert best_photo.sharpness(file.getvalue()) == 0
