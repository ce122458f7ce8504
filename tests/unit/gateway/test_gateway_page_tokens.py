"""Tokens of pages come back as they were made; anything else is refused by name."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import errors
from gateway import page_tokens
from gateway.questions import Place

QUESTION, PHOTO = "0123456789abcdef", "ab" * 32
RANKS = st.floats(allow_nan=False, allow_infinity=False)


@given(RANKS, st.integers(0, 10**9), st.integers(0, 10**9))
def test_token_names_the_place_to_the_last_digit(rank: float, shown: int, revision: int) -> None:
    place = Place(rank, PHOTO, shown)
    assert page_tokens.place_of(page_tokens.token(QUESTION, revision, place), QUESTION) == place


@given(st.one_of(st.text(max_size=80), st.binary(max_size=60).map(lambda raw: raw.hex())))
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        page_tokens.place_of(token, QUESTION)
    assert caught.value.field == "page_token"


@pytest.mark.parametrize("rank", ["inf", "nan", "0x1p9999"])
def test_ranks_that_are_no_numbers_are_refused(rank: str) -> None:
    made = base64.urlsafe_b64encode(f"{QUESTION} 1 0 {rank} {PHOTO}".encode()).decode()
    with pytest.raises(errors.InvalidInput):
        page_tokens.place_of(made, QUESTION)
