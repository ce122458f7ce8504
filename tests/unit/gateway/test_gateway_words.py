"""Words of a line become samples, each once, and never more than are wanted."""

from hypothesis import given
from hypothesis import strategies as st

from common.samples import Box, Kind, Sample, sample_id
from gateway.words import with_words

PHOTO = "a" * 64
LINES = st.lists(st.text(alphabet="aB cd-'1é\n", min_size=1, max_size=30), max_size=6)


def line(text: str, number: int = 0) -> Sample:
    box = Box(0.1, 0.1 * number, 0.5, 0.1)
    return Sample(sample_id(PHOTO, Kind.TEXT, box, text), PHOTO, Kind.TEXT, "", box, 0.9, text)


def texts(samples: list[Sample]) -> list[str]:
    return [sample.text for sample in samples]


def test_words_follow_their_line_with_its_box() -> None:
    made = with_words([line("Grand Beach Hotel", 2)], most=9)
    assert texts(made) == ["Grand Beach Hotel", "Grand", "Beach", "Hotel"]
    assert {sample.box for sample in made} == {line("", 2).box}
    assert len({sample.sample_id for sample in made}) == 4


def test_line_of_one_word_is_that_word() -> None:
    assert texts(with_words([line("EXIT"), line("Exit only", 1)], most=9)) == [
        "EXIT",
        "Exit only",
        "only",
    ]


def test_scraps_and_signs_are_no_words() -> None:
    assert texts(with_words([line("-- 5 of it, l'Hôtel: café-bar __")], most=9))[1:] == [
        "Hôtel",
        "café-bar",
    ]


@given(LINES, st.integers(0, 5))
def test_lines_stay_and_words_are_few_and_different(given_lines: list[str], most: int) -> None:
    lines = [line(text, number) for number, text in enumerate(given_lines)]
    made = with_words(lines, most=most)
    words = [text.casefold() for text in texts(made[len(lines) :])]
    assert made[: len(lines)] == lines
    assert len(words) == len(set(words)) <= most
    assert not set(words) & {text.casefold() for text in given_lines}
