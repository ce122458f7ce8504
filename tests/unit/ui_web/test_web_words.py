"""Counts, sizes and errors read as a person would say them."""

import pytest

from common import errors
from common.samples import Kind
from tests.unit.ui_web import web_values
from ui.web import settings, words


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e9, "2.5 GB")]
)
def test_sizes_have_a_unit(number: float, said: str) -> None:
    assert words.size(int(number)) == said


def test_one_is_not_plural() -> None:
    assert (words.count(1, "photo"), words.count(2500, "photo")) == ("1 photo", "2,500 photos")


def test_every_error_is_a_sentence() -> None:
    for error in (errors.Unavailable("gateway"), errors.NotFound(""), errors.SemapixError("")):
        assert words.sentence(error).endswith((".", ")"))


def test_an_error_of_input_says_what_the_service_said() -> None:
    assert words.sentence(errors.InvalidInput("", "too long")) == "too long"


def test_a_photo_is_called_by_its_file_name() -> None:
    assert words.photo_name(web_values.facts("C:\\trip\\sea.png")) == "sea.png"
    assert words.photo_name(web_values.facts("")) == words.NAMELESS


def test_a_read_text_keeps_its_direction_to_itself() -> None:
    name = words.sample_name(web_values.sample(Kind.TEXT, "\u202eabc"))
    assert name == "“\u2068\u202eabc\u2069”"


def test_every_kind_has_words() -> None:
    assert set(words.KINDS) == set(Kind)


def test_an_address_without_port_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"web\.address = 'localhost'"):
        _ = settings.Settings(address="localhost").port
