"""Geometry: clipped, relative, without duplicates, and through a letterbox and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from common.samples import Kind
from common.vectors import Floats
from detector_service import boxes
from detector_service.boxes import Candidates, Letterbox

SIDES = st.integers(1, 3000)
UNIT = st.floats(0, 1)


def candidates(rows: list[tuple[float, float, float, float, float, int]]) -> Candidates:
    """Return left, top, right, bottom, score, number of each row as candidates."""
    table = np.array(rows, dtype=np.float32).reshape(-1, 6)
    return Candidates(table[:, :4], table[:, 4], table[:, 5].astype(np.int64))


def test_box_is_clipped_to_the_picture_and_relative_to_it() -> None:
    box = boxes.relative_box((-20, 50, 100, 500), 200, 100)
    assert box is not None
    assert (box.x, box.y, box.width, box.height) == (0.0, 0.5, 0.5, 0.5)


@pytest.mark.parametrize("corners", [(-9, 0, 0.5, 50), (210, 0, 300, 50), (60, 60, 50, 70)])
def test_box_outside_the_picture_or_turned_inside_out_is_none(
    corners: tuple[float, float, float, float],
) -> None:
    assert boxes.relative_box(corners, 200, 100) is None


@given(st.tuples(*[st.floats(-1e4, 1e4)] * 4), SIDES, SIDES)
def test_every_box_that_is_given_out_lies_within_the_photo(
    corners: tuple[float, float, float, float], width: int, height: int
) -> None:
    box = boxes.relative_box(corners, width, height)
    if box:
        box.checked("box")


@given(SIDES, SIDES, st.integers(32, 640), st.integers(32, 640), st.tuples(UNIT, UNIT, UNIT, UNIT))
def test_corners_return_from_a_letterbox_to_where_they_were(
    width: int, height: int, frame_width: int, frame_height: int, shares: tuple[float, ...]
) -> None:
    box = Letterbox.fitting((width, height), (frame_width, frame_height))
    corners = np.array([shares], dtype=np.float32) * np.tile([width, height], 2)
    framed = corners * np.tile(np.divide(box.inner, box.size), 2)
    assert (framed <= np.tile(box.frame, 2) + 1e-2).all()
    assert np.allclose(box.undone(framed.astype(np.float32)), corners, rtol=1e-4, atol=1e-2)


@given(SIDES, SIDES)
def test_letterbox_keeps_the_proportions_and_touches_two_sides(width: int, height: int) -> None:
    box = Letterbox.fitting((width, height), (416, 416))
    assert max(box.inner) == 416
    exact = min(width, height) * 416 / max(width, height)
    assert abs(min(box.inner) - max(exact, 1)) <= 0.5


def test_letterbox_puts_the_picture_top_left_and_fills_the_rest() -> None:
    image = Image.new("RGB", (200, 100), "red")
    filled = np.asarray(Letterbox.fitting(image.size, (64, 64)).filled(image, grey=114))
    assert (filled[:32] == (255, 0, 0)).all()
    assert (filled[32:] == 114).all()


def test_overlap_is_one_for_the_same_box_and_zero_for_strangers() -> None:
    corners = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], dtype=np.float32)
    expected = [[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, 1]]
    assert np.allclose(boxes.overlaps(corners, corners), expected, atol=1e-6)


def test_best_of_a_group_of_the_same_class_stays() -> None:
    found = candidates(
        [
            (0, 0, 10, 10, 0.6, 1),
            (0, 0, 10, 11, 0.9, 1),
            (0, 0, 10, 10, 0.5, 2),
            (40, 0, 50, 9, 1, 1),
        ]
    )
    kept = boxes.distinct(found, overlap=0.5)
    assert kept.scores.tolist() == pytest.approx([1.0, 0.9, 0.5])
    assert kept.numbers.tolist() == [1, 1, 2]


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 4, UNIT, st.integers(0, 2)), max_size=25))
def test_no_two_boxes_of_a_class_overlap_after_duplicates_are_gone(
    rows: list[tuple[int, int, int, int, float, int]],
) -> None:
    found = candidates([(x, y, x + w + 1, y + h + 1, s, n) for x, y, w, h, s, n in rows])
    kept = boxes.distinct(found, overlap=0.5)
    same = kept.numbers[:, None] == kept.numbers[None, :]
    assert (
        boxes.overlaps(kept.corners, kept.corners)[same & ~np.eye(len(same), dtype=bool)] <= 0.5
    ).all()
    assert _covered(found, kept)


def _covered(found: Candidates, kept: Candidates) -> bool:
    """Whether each box that went has a better one of its class in its place."""
    rival: Floats = boxes.overlaps(found.corners, kept.corners)
    better = (found.numbers[:, None] == kept.numbers) & (kept.scores >= found.scores[:, None])
    return bool(((rival > 0.5) & better).any(axis=1).all())


def test_detections_are_sorted_named_and_above_the_threshold() -> None:
    found = candidates(
        [
            (0, 0, 50, 50, 0.6, 0),
            (10, 10, 90, 90, 0.8, 1),
            (0, 0, 9, 9, 0.4, 0),
            (0, 0, 9, 9, 0.9, 9),
        ]
    )
    seen = boxes.detections(found, ("dog", "car"), (100, 100), confidence=0.5)
    assert [(each.label, each.kind) for each in seen] == [
        ("class 9", Kind.OBJECT),
        ("car", Kind.VEHICLE),
        ("dog", Kind.ANIMAL),
    ]
    assert seen[1].box.width == pytest.approx(0.8)


def test_a_number_that_means_no_class_is_no_detection() -> None:
    assert not boxes.detections(
        candidates([(0, 0, 50, 50, 0.9, 0)]), ("N/A",), (100, 100), confidence=0.5
    )
