"""Average precision on boxes drawn by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.samples import Box, Kind
from detector_service import measure
from detector_service.findings import Detection
from detector_service.measure import Known, Picture

LEFT = Box(0.0, 0.0, 0.4, 0.4)
RIGHT = Box(0.5, 0.5, 0.4, 0.4)
SMALL = Box(0.9, 0.1, 0.1, 0.1)


def known(box: Box, label: str = "dog", *, crowd: bool = False) -> Known:
    return Known(Kind.ANIMAL, label, box, crowd=crowd)


def found(box: Box, confidence: float, label: str = "dog") -> Detection:
    return Detection(Kind.ANIMAL, label, box, confidence)


def animal_ap(*pictures: Picture) -> float | None:
    return dict(measure.figures(pictures).ap50)[Kind.ANIMAL]


def test_boxes_found_exactly_score_one():
    both = [known(LEFT), known(RIGHT)]
    assert animal_ap(Picture(both, [found(LEFT, 0.9), found(RIGHT, 0.3)])) == pytest.approx(1)


def test_half_of_the_boxes_score_half():
    picture = Picture([known(LEFT), known(RIGHT)], [found(LEFT, 0.9)])
    assert animal_ap(picture) == pytest.approx(51 / 101)


def test_false_alarm_ahead_costs_and_behind_costs_nothing():
    behind = Picture([known(LEFT)], [found(LEFT, 0.9), found(RIGHT, 0.1)])
    ahead = Picture([known(LEFT)], [found(LEFT, 0.1), found(RIGHT, 0.9)])
    assert animal_ap(behind) == pytest.approx(1)
    assert animal_ap(ahead) == pytest.approx(0.5)


def test_second_box_on_the_same_thing_is_a_false_alarm():
    picture = Picture([known(LEFT), known(RIGHT)], [found(LEFT, 0.9), found(LEFT, 0.8)])
    assert [bool(verdict.match) for verdict in measure.judged(picture)] == [True, False]


def test_overlap_below_one_half_is_no_match():
    shifted = Box(0.2, 0.0, 0.4, 0.4)
    assert animal_ap(Picture([known(LEFT)], [found(shifted, 0.9)])) == 0


def test_small_boxes_count_on_neither_side():
    missed = Picture([known(LEFT), known(SMALL)], [found(LEFT, 0.5)])
    alarm = Picture([known(LEFT)], [found(SMALL, 0.9), found(LEFT, 0.5)])
    assert animal_ap(missed) == animal_ap(alarm) == pytest.approx(1)


def test_box_on_a_small_known_one_is_no_false_alarm():
    almost = Box(0.0, 0.0, 0.19, 0.19)
    larger = Box(0.0, 0.0, 0.21, 0.21)
    picture = Picture([known(RIGHT), known(almost)], [found(larger, 0.9), found(RIGHT, 0.5)])
    assert animal_ap(picture) == pytest.approx(1)


def test_boxes_within_a_crowd_are_ignored_however_many():
    inside = [found(LEFT, 0.9), found(Box(0.05, 0.05, 0.3, 0.3), 0.8), found(RIGHT, 0.1)]
    crowd = known(Box(0.0, 0.0, 0.45, 1.0), crowd=True)
    assert animal_ap(Picture([crowd, known(RIGHT)], inside)) == pytest.approx(1)


def test_another_kind_matches_nothing():
    picture = Picture([known(LEFT)], [Detection(Kind.PERSON, "person", LEFT, 0.9)])
    figures = measure.figures([picture])
    assert dict(figures.ap50) == {
        kind: 0 if kind is Kind.ANIMAL else None for kind, _ in figures.ap50
    }


def test_mean_leaves_out_kinds_that_are_not_shown():
    person = Known(Kind.PERSON, "person", RIGHT)
    figures = measure.figures([Picture([known(LEFT), person], [found(LEFT, 0.9)])])
    assert figures.mean == pytest.approx(0.5)


def test_labels_are_judged_where_they_are_given():
    picture = Picture(
        [known(LEFT, "dog"), known(RIGHT, "cat"), known(Box(0.5, 0, 0.4, 0.4), "cow")],
        [found(LEFT, 0.9, "dog"), found(RIGHT, 0.8, "dog"), found(Box(0.5, 0, 0.4, 0.4), 0.7, "")],
    )
    figures = measure.figures([picture])
    assert figures.label_right == pytest.approx(1 / 2)
    assert figures.labelled == pytest.approx(2 / 3)


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 5))
def test_average_precision_is_that_of_the_definition(hits: list[bool], missed: int):
    known_count = sum(hits) + missed
    if not known_count:
        return
    curve = [
        (sum(hits[: n + 1]) / known_count, sum(hits[: n + 1]) / (n + 1)) for n in range(len(hits))
    ]
    wanted = np.mean(
        [
            max((p for r, p in curve if r >= recall - 1e-9), default=0.0)
            for recall in measure.RECALLS
        ]
    )
    assert measure.average_precision(np.array(hits, dtype=bool), known_count) == pytest.approx(
        wanted
    )
