"""The form of the Search page and the address that carries it."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import errors
from common.samples import Box, Kind
from tests.unit.ui_web import web_values
from ui import answers
from ui.filters import Span
from ui.web import blocks, question_form
from ui.web.question_form import Form

CORNERS = st.integers(0, 500).map(lambda part: part / 1000)
SIDES = st.integers(1, 500).map(lambda part: part / 1000)
LIKES = st.builds(
    blocks.Chosen,
    st.just(web_values.PHOTO_ID),
    st.none() | st.builds(Box, CORNERS, CORNERS, SIDES, SIDES),
)
TENTHS = st.integers(0, 30).map(lambda part: part / 10)
FORMS = st.builds(
    Form,
    text=st.text(min_size=1).map(str.strip).filter(bool),
    like=st.none() | LIKES,
    weights=st.tuples(*[TENTHS] * len(Kind)),
    threshold=st.integers(0, 20).map(lambda part: part / 20),
    auto=st.booleans(),
    limit=st.sampled_from(question_form.LIMITS),
    kinds=st.lists(st.sampled_from(list(Kind)), unique=True).map(tuple),
    taken_from=st.sampled_from(["", "2022", "2022-06"]),
    read_text=st.text().map(str.strip),
    formats=st.lists(st.sampled_from(["JPEG", "PNG"]), unique=True).map(tuple),
)


@given(FORMS)
def test_what_an_address_carries_comes_back_as_it_was(form: Form) -> None:
    assert question_form.from_address(question_form.address(form)) == form


def test_an_address_tells_of_an_uploaded_picture_but_does_not_carry_it() -> None:
    told = question_form.address(Form(text="dog", picture=Path("/tmp/secret.png")))
    assert "secret" not in told
    assert question_form.lacks_picture(told)
    assert question_form.from_address(told) == Form(text="dog")


@pytest.mark.parametrize("search", ["", "?", "?__theme=dark", "?utm_source=q"])
def test_an_address_of_something_else_tells_of_no_question(search: str) -> None:
    assert not question_form.tells(search)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("w", "persn=2"),
        ("w", "person=much"),
        ("w", "person=-1"),
        ("w", "person=nan"),
        ("min", "2"),
        ("n", "many"),
        ("kinds", "dogs"),
        ("like", "nobody"),
        ("like", web_values.PHOTO_ID + "@0,0,9,9"),
        ("like", web_values.PHOTO_ID + " + dog"),
    ],
)
def test_what_means_nothing_in_an_address_is_named(name: str, words: str) -> None:
    with pytest.raises(errors.InvalidInput, match="means nothing"):
        question_form.from_address("?" + urlencode({name: words}))


def test_a_question_may_hold_words_and_a_region_together() -> None:
    like = blocks.Chosen(web_values.PHOTO_ID, web_values.BOX)
    terms = tuple(Form("2:dog - leash", None, like).terms())
    region = answers.Term(photo_id=web_values.PHOTO_ID, box=web_values.BOX)
    assert terms == (
        answers.Term(text="dog", weight=2), answers.Term(text="leash", weight=-1), region
    )  # fmt: skip


def test_weights_belong_to_their_kinds_and_no_threshold_is_none() -> None:
    weights = tuple(float(kind) for kind in question_form.KINDS)
    query = Form(text="dog", weights=weights, limit=50, auto=True).query()
    assert query.weights == {kind: float(kind) for kind in Kind}
    assert (query.threshold, query.auto_threshold, query.limit) == (None, True, 50)


def test_a_filter_alone_is_a_question_and_both_ends_of_a_time_count_whole() -> None:
    form = Form(taken_from="1970-01-01", taken_to="1970-01-02")
    assert form.asks
    assert form.query().filter.taken == Span(0, 2 * 86_400)


@pytest.mark.parametrize(("begins", "ends"), [("someday", ""), ("", "2023-13"), ("2023", "2022")])
def test_a_time_that_is_none_is_named(begins: str, ends: str) -> None:
    with pytest.raises(errors.InvalidInput, match="taken"):
        Form(taken_from=begins, taken_to=ends).query()
