"""Outlines lie where the samples are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import errors
from common.samples import Box, Kind
from tests.unit.ui_web import web_values
from ui.web import pictures

SHARES = st.floats(0.015625, 0.484375, width=32)
BOXES = st.builds(Box, SHARES, SHARES, SHARES, SHARES)


@given(BOXES)
def test_an_outline_is_placed_in_percent_of_the_photo(box: Box) -> None:
    found = re.findall(r"(\w+):([\d.]+)%", pictures.place(box))
    placed = {name: float(percent) / 100 for name, percent in found}
    assert list(placed) == ["left", "top", "width", "height"]
    assert list(placed.values()) == pytest.approx([box.x, box.y, box.width, box.height], abs=1e-5)


@given(BOXES)
def test_a_region_survives_the_way_to_the_browser_and_back(box: Box) -> None:
    back = pictures.box_from_words(pictures.box_words(box))
    assert (back.x, back.y) == pytest.approx((box.x, box.y), abs=1e-6)
    assert (back.width, back.height) == pytest.approx((box.width, box.height), abs=1e-6)


@pytest.mark.parametrize("words", ["0 0 1", "a b c d", "0 0 2 1", "nan 0 1 1", "0 0 0 0"])
def test_a_region_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(errors.InvalidInput, match="region"):
        pictures.box_from_words(words)


def test_a_shot_keeps_the_proportions_of_the_photo() -> None:
    assert "--ratio:2.0000" in pictures.shot(web_values.facts(width=800, height=400), size_px=320)


def test_an_outline_names_kind_text_and_score() -> None:
    drawn = pictures.Outline(web_values.sample(Kind.TEXT, "exit"), 0.876)
    html = pictures.outline(drawn)
    assert "kind-text" in html
    assert re.search("“.?exit.?” 88 %", web_values.Read(html).text)


def test_the_label_of_a_sample_at_the_top_stays_inside_the_photo() -> None:
    top = web_values.sample(Kind.ANIMAL, "cat", Box(0.1, 0.01, 0.5, 0.5))
    low = web_values.sample(Kind.ANIMAL, "cat", Box(0.1, 0.4, 0.5, 0.5))
    assert 'class="outline inside"' in pictures.outline(pictures.Outline(top))
    assert 'class="outline"' in pictures.outline(pictures.Outline(low))


def test_thumbnails_are_asked_for_relative_to_the_page() -> None:
    assert pictures.thumbnail_url("ff", 320) == "thumbnails/ff?size=320"
