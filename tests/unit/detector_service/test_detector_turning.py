"""A box turned lies where the turned picture shows it, and turning back undoes it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detector_service import turning

SIZE = (7, 5)
CORNERS = st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(1, 2), st.integers(1, 2)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@given(CORNERS, st.integers(0, 3))
def test_box_covers_the_same_pixels_after_the_turn(
    corners: tuple[int, int, int, int], quarters: int
) -> None:
    left, top, right, bottom = corners
    grey = np.zeros(SIZE[::-1], dtype=np.uint8)
    grey[top:bottom, left:right] = 255
    x, y, end, foot = map(int, turning.sides(corners, quarters, size=SIZE))
    turned = turning.turned(grey, quarters)
    assert turned[y:foot, x:end].all()
    assert turned.sum() == 255 * (end - x) * (foot - y)


@given(CORNERS, st.integers(0, 3))
def test_turning_back_undoes_the_turn(corners: tuple[int, int, int, int], quarters: int) -> None:
    turned = turning.sides(corners, quarters, size=SIZE)
    size = SIZE if quarters % 2 == 0 else SIZE[::-1]
    assert turning.sides(turned, -quarters, size=size) == corners


def test_a_box_on_its_head_is_the_one_after_two_quarters() -> None:
    grey = np.zeros((40, 100), np.uint8)
    left, top, right, bottom = turning.sides((10, 5, 30, 20), 2, size=(100, 40))
    assert turning.on_its_head((10, 30, 5, 20), grey) == [left, right, top, bottom]
    corners = [(10, 5), (30, 6), (29, 20), (9, 19)]
    after = turning.corners_on_their_heads(corners, grey)
    assert after == [[71, 20], [91, 21], [90, 35], [70, 34]]
