"""Pages, filters and thresholds of a search, over a real library."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from common.calibration import Calibration, Pair
from common.samples import Kind
from index_service import library as libraries
from index_service.candidates import Wish
from index_service.changes import Delete, Put, VectorSample
from index_service.filters import Filter, Orientation, Span
from index_service.library import Library
from index_service.read_texts import ReadText
from index_service.scoring import Part, directions
from index_service.searching import Found, Place, Search
from index_service.settings import Settings
from tests.unit.index_service import index_values as values

PHOTOS = 60
QUERY = directions([Part(values.unit(7), True, 1.0)])
WEIGHTS = {Kind.PHOTO: 1.0, Kind.TEXT: 0.7}
WISH = Wish(QUERY, WEIGHTS)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with libraries.opened(Settings(folder=tmp_path)) as library:
        library.apply([put(number) for number in range(PHOTOS)])
        yield library


def put(number: int) -> Put:
    """Return a photo with a text, every third one upright."""
    items = [VectorSample(values.sample(number, Kind.PHOTO), values.unit(number))]
    upright = {"width": 30, "height": 40} if number % 3 == 0 else {}
    facts = dataclasses.replace(values.facts(number), **upright)
    return values.put(number, [*items, *values.texts(number, 1)], photo=facts)


def ids(found: Found) -> list[str]:
    return [hit.facts.photo_id for hit in found.hits]


def paged(library: Library, search: Search) -> Iterator[Found]:
    """Yield page after page."""
    found, shown = library.found(library.view, search), 0
    yield found
    while found.next:
        shown += len(found.hits)
        following = dataclasses.replace(search, after=found.next, offset=shown)
        found = library.found(library.view, following)
        yield found


@pytest.mark.parametrize("wish", [WISH, dataclasses.replace(WISH, mean=True), None])
@pytest.mark.parametrize("limit", [1, 7, 60, 100])
def test_pages_are_the_whole_in_pieces(library: Library, wish: Wish | None, limit: int) -> None:
    everything = Filter(imported=Span(from_s=0))
    whole = library.found(library.view, Search(wish, PHOTOS, filter=everything))
    pages = list(paged(library, Search(wish, limit, filter=everything)))
    assert [one for page in pages for one in ids(page)] == ids(whole)
    assert len(ids(whole)) == PHOTOS
    assert len(pages) == -(-PHOTOS // limit)


def test_no_photo_comes_twice_when_the_library_changes_between_pages(library: Library) -> None:
    search, seen, rounds = Search(WISH, 5), [], 0
    for page in paged(library, search):
        seen += ids(page)
        rounds += 1
        library.apply([put(1_000 + rounds), Delete(values.photo_id(rounds))])
    assert len(seen) == len(set(seen))
    stayed = {values.photo_id(number) for number in range(rounds + 1, PHOTOS)}
    assert stayed <= set(seen)


def test_offset_skips_as_before(library: Library) -> None:
    whole = ids(library.found(library.view, Search(WISH, 20)))
    part = ids(library.found(library.view, Search(WISH, 5, offset=10)))
    assert part == whole[10:15]


@pytest.mark.parametrize("mean", [False, True])
def test_filtered_search_is_the_ranking_of_those_photos_alone(library: Library, mean: bool) -> None:
    wish = dataclasses.replace(WISH, mean=mean)
    every = ids(library.found(library.view, Search(wish, PHOTOS)))
    upright = {values.photo_id(number) for number in range(0, PHOTOS, 3)}
    wanted = Filter(orientation=Orientation.PORTRAIT)
    found = library.found(library.view, Search(wish, 8, filter=wanted))
    assert ids(found) == [one for one in every if one in upright][:8]
    assert found.next is not None


def test_filter_that_nothing_passes_finds_nothing(library: Library) -> None:
    nothing = Filter(labels=("dog",))
    for wish in (WISH, None):
        assert library.found(library.view, Search(wish, 8, auto=True, filter=nothing)).hits == ()


CALIBRATED = dataclasses.replace(WISH, calibrations={pair: Calibration(4.0, -0.4) for pair in Pair})


def test_automatic_threshold_keeps_what_stands_out(library: Library) -> None:
    everything = library.found(library.view, Search(CALIBRATED, PHOTOS))
    found = library.found(library.view, Search(CALIBRATED, PHOTOS, auto=True))
    unrelated = np.mean([hit.rank_score > 0.5 for hit in everything.hits])
    assert unrelated > 0.25
    assert ids(found)[0] == values.photo_id(7)
    assert len(found.hits) <= 4
    assert {kind: cut.background for kind, cut in found.cuts.items()} == {
        Kind.PHOTO: PHOTOS,
        Kind.TEXT: PHOTOS,
    }
    for hit in found.hits:
        for sample in hit.matches:
            assert sample.score >= found.cuts[sample.sample.kind].score


def test_the_stricter_of_two_thresholds_counts(library: Library) -> None:
    strict = dataclasses.replace(CALIBRATED, threshold=0.99)
    found = library.found(library.view, Search(strict, PHOTOS, auto=True))
    assert {cut.score for cut in found.cuts.values()} == {0.99}
    assert {cut.background for cut in found.cuts.values()} == {0}


def test_tiny_library_cuts_at_a_half(tmp_path: Path) -> None:
    with libraries.opened(Settings(folder=tmp_path)) as library:
        library.apply([values.put(number) for number in range(5)])
        found = library.found(library.view, Search(CALIBRATED, 5, auto=True))
    assert [(cut.score, cut.background) for cut in found.cuts.values()] == [(0.5, 0)]


def test_without_terms_the_newest_come_first_with_what_was_asked_for(library: Library) -> None:
    wanted = Filter(imported=Span(from_s=40), read_text=ReadText("word 0"))
    found = library.found(library.view, Search(None, 3, filter=wanted))
    assert ids(found) == [values.photo_id(number) for number in (59, 58, 57)]
    assert found.next == Place(57.0, values.photo_id(57))
    (match,) = found.hits[0].matches
    assert (match.sample.text, match.score, match.cosine) == ("word 0", 1.0, 0.0)


def test_read_text_and_vectors_together_rank_what_has_the_text(library: Library) -> None:
    wanted = Filter(read_text=ReadText("word 0"))
    found = library.found(library.view, Search(WISH, 5, filter=wanted))
    assert len(found.hits) == 5
    assert found.hits[0].facts.photo_id == values.photo_id(7)
