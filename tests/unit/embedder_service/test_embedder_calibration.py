"""Constants fit what they are estimated from, and a calibration file is checked when it is read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calibration import Calibration, Pair
from embedder_service import calibration


def drawn(slope: float, offset: float, count: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Return cosines of matched and unmatched pairs, drawn so that the logistic is the truth."""
    random = np.random.default_rng(0)
    cosines = random.uniform(-0.2, 0.8, count)
    matched = random.random(count) < Calibration(slope, offset).scores(cosines)
    return cosines[matched], cosines[~matched]


def test_fit_finds_the_logistic_that_made_the_pairs() -> None:
    matched, unmatched = drawn(20.0, -6.0)
    fitted = calibration.fit(matched, unmatched)
    assert fitted.slope == pytest.approx(20, rel=0.05)
    prior = np.log(len(matched) / len(unmatched))
    assert fitted.offset + prior == pytest.approx(-6, rel=0.05)


def test_fit_stays_finite_when_nothing_overlaps() -> None:
    fitted = calibration.fit(np.full(50, 0.9), np.linspace(0.1, 0.3, 500))
    assert 0 < fitted.slope < 1000
    assert fitted.scores(0.9) > 0.9
    assert fitted.scores(0.3) < 0.1
    assert calibration.error_share(fitted, [0.9], [0.1, 0.3]) == 0


def test_fit_gives_both_sides_the_same_weight_whatever_their_number() -> None:
    random = np.random.default_rng(1)
    few, many = random.normal(0.3, 0.05, 200), random.normal(0.1, 0.05, 50_000)
    fitted = calibration.fit(few, many)
    assert -fitted.offset / fitted.slope == pytest.approx(0.2, abs=0.01)


def test_fit_refuses_matched_pairs_that_are_not_closer() -> None:
    with pytest.raises(ValueError, match="not closer"):
        calibration.fit([0.1, 0.2], [0.3])
    with pytest.raises(ValueError, match="0 matched"):
        calibration.fit([], [0.3])


@dataclass(frozen=True)
class Sides:
    matched: np.ndarray
    unmatched: np.ndarray


def test_text_to_the_letter_scores_above_nearly_every_matching_photo() -> None:
    random = np.random.default_rng(2)
    photos = Sides(random.normal(0.33, 0.03, 500), random.normal(0.17, 0.05, 5_000))
    texts = Sides(random.normal(0.97, 0.02, 500), random.normal(0.7, 0.1, 5_000))
    found = calibration.fit_every({Pair.TEXT_IMAGE: photos, Pair.TEXT_TEXT: texts})
    alone = calibration.fit(texts.matched, texts.unmatched)
    exact = found[Pair.TEXT_TEXT].scores(1.0)
    assert np.mean(found[Pair.TEXT_IMAGE].scores(photos.matched) < exact) >= 0.99
    middle = -found[Pair.TEXT_TEXT].offset / found[Pair.TEXT_TEXT].slope
    assert middle == pytest.approx(-alone.offset / alone.slope)


@given(
    st.floats(0.01, 1e4), st.floats(-1e4, 1e4), st.lists(st.floats(-1, 1), min_size=2, max_size=9)
)
def test_scores_lie_between_0_and_1_and_keep_the_order(
    slope: float, offset: float, cosines: list[float]
) -> None:
    scores = Calibration(slope, offset).scores(sorted(cosines))
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores) >= 0).all()


def test_error_share_counts_both_sides_by_half() -> None:
    at_half = Calibration(10, -5)
    assert calibration.error_share(at_half, [0.6, 0.4], [0.1, 0.2, 0.3, 0.9]) == 0.375


def test_written_constants_are_read_back(tmp_path: Path) -> None:
    constants = {pair: Calibration(10.5 * pair, -float(pair)) for pair in Pair}
    path = tmp_path / calibration.FILE
    path.write_text(calibration.to_json(constants))
    assert calibration.load(path) == constants


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{}", "every pair"),
        ("no json", "every pair"),
        ('{"calibrations": 7}', "every pair"),
        ("WORDS", "every pair"),
        ("SLOPE", "text_image.*slope is not positive"),
        ("ENDLESS", "text_image.*finite"),
    ],
)
def test_bad_calibration_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / calibration.FILE
    numbers = {"SLOPE": (-1, 0), "ENDLESS": (1, float("inf"))}.get(text, (1, 2))
    table = calibration.to_json(dict.fromkeys(Pair, Calibration(*numbers)))
    whole = {"WORDS": table.replace("2", '"two"'), "SLOPE": table, "ENDLESS": table}
    path.write_text(whole.get(text, text))
    with pytest.raises(ValueError, match=complaint):
        calibration.load(path)
