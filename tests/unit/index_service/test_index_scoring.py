"""Cosines as scores, and queries of several vectors as directions."""

import math

import numpy as np
import pytest

from common import errors
from common.calibration import Calibration, Pair
from common.samples import Kind
from index_service import scoring
from index_service.scoring import Part
from tests.unit.index_service import index_values as values

COSINES = np.linspace(-1, 1, 41)
A, B = values.unit(1), values.unit(2)


def test_calibrated_is_the_logistic() -> None:
    found = scoring.calibrated(COSINES, Calibration(40.0, -10.0))
    assert found == pytest.approx([1 / (1 + math.exp(-(40 * c - 10))) for c in COSINES])


def test_extreme_constants_do_not_overflow() -> None:
    found = scoring.calibrated(COSINES, Calibration(1e30, 0.0))
    assert (found[0], found[20], found[-1]) == (0.0, 0.5, 1.0)


def test_without_constants_the_cosine_is_clipped() -> None:
    assert scoring.calibrated(np.array([-0.5, 0.25, 1.0]), None).tolist() == [0.0, 0.25, 1.0]


@pytest.mark.parametrize(
    ("kind", "is_text", "pair"),
    [
        (Kind.PHOTO, True, Pair.TEXT_IMAGE),
        (Kind.TEXT, True, Pair.TEXT_TEXT),
        (Kind.PERSON, False, Pair.IMAGE_IMAGE),
        (Kind.TEXT, False, Pair.TEXT_IMAGE),
    ],
)
def test_pair_follows_from_query_and_kind(kind: Kind, is_text: bool, pair: Pair) -> None:
    assert scoring.pair_of(kind, is_text=is_text) is pair


def test_parts_of_a_modality_add_up_to_a_unit_vector() -> None:
    (direction,) = scoring.directions([Part(A, True, 2.0), Part(B, True, -1.0)])
    expected = 2 * A - B
    assert direction.vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)
    assert (direction.share, direction.pushes_away) == (1.0, False)


def test_modalities_share_by_their_weights() -> None:
    text, picture = scoring.directions([Part(A, False, -1.0), Part(B, True, 3.0)])
    assert (text.is_text, text.share, text.pushes_away) == (True, 0.75, False)
    assert (picture.is_text, picture.share, picture.pushes_away) == (False, 0.25, True)


def test_parts_that_cancel_out_are_refused() -> None:
    with pytest.raises(errors.InvalidInput, match="cancel out"):
        scoring.directions([Part(A, True, 1.0), Part(A, True, -1.0)])


@pytest.mark.parametrize("weight", [1.0, -1.0])
def test_pictures_score_less_for_a_text_that_means_little(weight: float) -> None:
    (clear,) = scoring.directions([Part(A, True, weight)])
    (vague,) = scoring.directions([Part(A, True, weight, 0.25)])
    for kind in Kind:
        found = scoring.scored(COSINES, vague, kind, {})
        share = 1.0 if kind is Kind.TEXT else 0.25
        assert found == pytest.approx(share * scoring.scored(COSINES, clear, kind, {}))


def test_texts_that_decide_count_by_their_weights() -> None:
    parts = [Part(A, True, 3.0, 1.0), Part(B, True, 1.0, 0.2), Part(B, False, 1.0)]
    text, picture = scoring.directions([*parts, Part(values.unit(3), True, -2.0, 0.1)])
    assert text.understood == pytest.approx((3 * 1.0 + 0.2) / 4)
    assert picture.understood == 1.0
    (pushed,) = scoring.directions([Part(A, True, 1.0, 0.9), Part(B, True, -3.0, 0.3)])
    assert pushed.understood == pytest.approx(0.3)


@pytest.mark.parametrize("constants", [{}, {Pair.IMAGE_IMAGE: Calibration(30.0, -20.0)}])
def test_pushing_away_scores_what_a_match_lacks(constants: dict[Pair, Calibration]) -> None:
    (towards,) = scoring.directions([Part(A, False, 1.0)])
    (away,) = scoring.directions([Part(A, False, -1.0)])
    assert away.vector == pytest.approx(-towards.vector)
    near = scoring.scored(COSINES, towards, Kind.PHOTO, constants)
    far = scoring.scored(-COSINES, away, Kind.PHOTO, constants)
    assert far == pytest.approx(1 - near)
    assert (np.diff(scoring.scored(COSINES, away, Kind.PHOTO, constants)) >= 0).all()
