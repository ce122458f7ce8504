"""The best of a group has the most pixels, then is the sharpest, then has the most bytes."""

import pytest

from analysis_service import best_photo
from common.samples import PhotoFacts


def look(name: str, width: int, sharp: float, size: int, *, at_s: int = 0) -> PhotoFacts:
    """Return a photo 100 pixels high."""
    return PhotoFacts(name * 64, width, 100, size, "JPEG", imported_at_s=at_s, sharpness=sharp)


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
def test_best_photo_and_its_reason(others: list[PhotoFacts], best: str, why: str) -> None:
    chosen, reason = best_photo.best([look("a", 100, 10, 5), *others])
    assert (chosen.photo_id[0], reason) == (best, why)
