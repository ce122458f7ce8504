"""Nonsense brings nothing, unless somebody judges for themselves."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from common.samples import Box, Hit, Kind, PhotoFacts
from ui import standing_out
from ui.answers import Answer, Query, Term, Threshold
from ui.filters import Filter
from ui.web.question_form import Form
from ui.web.search import Search

HIT = Hit(PhotoFacts("a" * 32, 4, 3, 99, "jpeg"), 0.9, ())
TEXT = Query((Term(text="qwxz"),), limit=7)


class Library:
    """A library of one photo, which scores as unrelated ones do or better."""

    def __init__(
        self, *, stands_out: bool, background: int = 512, understood: float | None = None
    ) -> None:
        self._cut = {Kind.PHOTO: Threshold(0.95, background)}
        self._understood = understood
        self._stands_out, self.asked = stands_out, list[Query]()

    def search(self, query: Query) -> Answer:
        self.asked.append(query)
        hidden = query.auto_threshold and not self._stands_out
        cut = self._cut if query.auto_threshold else {}
        return answer(() if hidden else (HIT,), cut, self._understood)


def answer(
    hits: tuple[Hit, ...],
    thresholds: Mapping[Kind, Threshold],
    understood: float | None = None,
) -> Answer:
    return Answer(
        hits, 1, {}, 0.0, 0.0, truncated=False, thresholds=thresholds, understood=understood
    )


@pytest.mark.parametrize("term", [Term(text="qwxz"), Term(image=b"blank")])
def test_what_stands_out_for_nothing_is_not_shown(term: Term) -> None:
    query = dataclasses.replace(TEXT, terms=(term,))
    found = standing_out.answered(Library(stands_out=False), query)
    assert found.hits == ()
    assert standing_out.nothing_did(query, found)


def test_what_stands_out_is_shown_with_all_that_comes_behind() -> None:
    library = Library(stands_out=True)
    found = standing_out.answered(library, TEXT)
    assert (found.hits, found.thresholds) == ((HIT,), {})
    assert [(one.auto_threshold, one.limit) for one in library.asked] == [(True, 1), (False, 7)]
    assert not standing_out.nothing_did(TEXT, found)


def test_a_library_too_small_to_compare_with_shows_what_it_has() -> None:
    library = Library(stands_out=False, background=0)
    assert standing_out.answered(library, TEXT).hits == (HIT,)


@pytest.mark.parametrize(("understood", "hits"), [(0.02, ()), (0.5, (HIT,)), (1.0, (HIT,))])
def test_a_small_library_shows_nothing_for_what_means_nothing(
    understood: float, hits: tuple[Hit, ...]
) -> None:
    library = Library(stands_out=False, background=0, understood=understood)
    found = standing_out.answered(library, TEXT)
    assert found.hits == hits
    assert standing_out.nothing_did(TEXT, found) == (not hits)


@pytest.mark.parametrize(
    "query",
    [
        dataclasses.replace(TEXT, threshold=0.0),
        dataclasses.replace(TEXT, auto_threshold=True),
        dataclasses.replace(TEXT, page_token="next"),
        dataclasses.replace(TEXT, filter=Filter(labels=("person",))),
        Query((Term(photo_id="b" * 32),)),
        Query((Term(photo_id="b" * 32, box=Box(0, 0, 1, 1)),)),
        Query(()),
    ],
)
def test_those_who_judge_for_themselves_are_answered_as_they_ask(query: Query) -> None:
    library = Library(stands_out=False)
    found = standing_out.answered(library, query)
    assert library.asked == [query]
    assert not standing_out.nothing_did(query, found)


def test_the_page_links_to_the_nearest_where_an_address_carries_the_question(
    tmp_path: Path,
) -> None:
    page = Search(Library(stands_out=False))  # type: ignore[arg-type]
    picture = tmp_path / "blank.png"
    picture.write_bytes(b"blank")
    texts, _ = page.find(Form(text="qwxz"))
    pictures, _ = page.find(Form(picture=picture))
    assert "?q=qwxz&amp;min=0.001" in texts
    assert "Nothing stands out" in pictures
    assert "min=" not in pictures
