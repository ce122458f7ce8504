"""A search from the wish to the photos: filtered, cut off, ranked, a page of it, explained."""

import dataclasses
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from common.samples import Hit, Kind
from index_service import backgrounds, filters, matching, ranking, reading
from index_service.backgrounds import Backgrounds, Cut
from index_service.candidates import KindSearch, Wish
from index_service.filters import Filter, Passed
from index_service.indices import Index, View
from index_service.ranking import Ranked
from index_service.restricted import RestrictedIndex
from index_service.vector_index import Doubles

_WITHOUT_KINDS = Filter()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of an answer: behind a photo of that rank."""

    rank: float
    photo_id: str


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked; without terms `wish` is None, and what passes comes newest first.

    auto: samples must surpass unrelated ones. after: only what comes behind that place; the offset
    is then how many photos came up to it, a hint.
    """

    wish: Wish | None
    limit: int
    offset: int = 0
    auto: bool = False
    filter: Filter = _WITHOUT_KINDS
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of photos, best first, what was applied to each kind, where the next page begins."""

    hits: tuple[Hit, ...]
    cuts: Mapping[Kind, Cut] = field(default_factory=dict)
    next: Place | None = None


class Searcher:
    """Searches views of one library; `names` has the id of every photo by its number."""

    def __init__(
        self,
        reading_: Callable[[], AbstractContextManager[sqlite3.Connection]],
        names: Mapping[int, str],
    ) -> None:
        self._reading, self._names = reading_, names
        self._backgrounds = Backgrounds()

    def found(self, view: View, search: Search) -> Found:
        """Return what answers `search` out of `view`."""
        if search.wish is None:
            return self._listed(search)
        wish, indices = search.wish, self._indices(view, search.filter)
        cuts = self._cuts(view, indices, search)
        wish = dataclasses.replace(wish, cuts={kind: cut.score for kind, cut in cuts.items()})
        searches = ranking.searches_of(indices, wish)
        ranked, behind = _page(searches, wish, search, self._names.__getitem__)
        return Found(self._matches(searches, ranked, wish), cuts, behind)

    def _indices(
        self, view: View, wanted: Filter
    ) -> Mapping[Kind, Index] | Mapping[Kind, RestrictedIndex]:
        photos_alone = dataclasses.replace(wanted, kinds=frozenset())
        if not photos_alone.is_set:
            return view.indices
        with self._reading() as connection:
            photos = filters.passed(connection, photos_alone).photos
        return {kind: RestrictedIndex(index, photos) for kind, index in view.indices.items()}

    def _cuts(
        self,
        view: View,
        indices: Mapping[Kind, Index] | Mapping[Kind, RestrictedIndex],
        search: Search,
    ) -> dict[Kind, Cut]:
        """Return the threshold of each visible kind that has samples; none where none is wanted."""
        wish = search.wish
        if wish is None or (wish.threshold is None and not search.auto):
            return {}
        given = {one.kind: Cut(wish.threshold or 0) for one in ranking.searches_of(indices, wish)}
        if not search.auto:
            return given
        searches = ranking.searches_of(view.indices, wish)
        scores = backgrounds.lent({one.kind: self._background(view, one) for one in searches})
        made = {
            one.kind: backgrounds.cut(scores[one.kind], len(indices[one.kind]), most=one.most)
            for one in searches
        }
        return {
            kind: max(given[kind], cut, key=lambda one: one.score) for kind, cut in made.items()
        }

    def _background(self, view: View, search: KindSearch) -> Doubles:
        numbers = self._backgrounds.of(search.kind, view.indices[search.kind])
        return search.of(numbers.tolist()).scores

    def _matches(
        self, searches: Sequence[KindSearch], ranked: Sequence[Ranked], wish: Wish
    ) -> tuple[Hit, ...]:
        with self._reading() as connection:
            photos = [item.photo for item in ranked]
            samples = reading.samples_of(connection, photos, wish.kinds)
            facts = reading.facts_of(connection, photos)
        matches = matching.matches(searches, samples, wish)
        # One that was removed since the view was taken has no samples any more.
        return tuple(
            Hit(facts[item.photo], item.rank, matches[item.photo])
            for item in ranked
            if item.photo in matches
        )

    def _listed(self, search: Search) -> Found:
        with self._reading() as connection:
            passed = filters.passed(connection, search.filter)
            rows = _newest(connection, passed, search)
            page = rows[: search.limit]
            numbers = [number for number, *_ in page]
            samples = reading.samples_of(connection, numbers, list(Kind))
            facts = reading.facts_of(connection, numbers)
        asked = matching.asked_for(samples, search.filter, passed.readings)
        hits = tuple(Hit(facts[number], 0.0, asked.get(number, ())) for number in numbers)
        more = len(rows) > search.limit
        return Found(hits, next=Place(float(page[-1][2]), page[-1][1]) if more else None)


def _page(
    searches: Sequence[KindSearch], wish: Wish, search: Search, name_of: Callable[[int], str]
) -> tuple[Sequence[Ranked], Place | None]:
    """Return the photos of the page and where the next one begins, None if there is none."""
    after, wanted = search.after, search.offset + search.limit + 1
    while True:
        start = 0 if after else search.offset
        limited = dataclasses.replace(wish, offset=start, limit=wanted - start)
        ranked = ranking.best_photos(searches, limited, name_of)
        behind = [one for one in ranked if after is None or _is_behind(one, after, name_of)]
        if after is None or len(behind) > search.limit or len(ranked) < wanted:
            break
        wanted *= 2
    page = behind[: search.limit]
    if len(behind) <= search.limit:
        return page, None
    return page, Place(page[-1].rank, name_of(page[-1].photo))


def _is_behind(ranked: Ranked, place: Place, name_of: Callable[[int], str]) -> bool:
    return (-ranked.rank, name_of(ranked.photo)) > (-place.rank, place.photo_id)


def _newest(
    connection: sqlite3.Connection, passed: Passed, search: Search
) -> list[tuple[int, str, int]]:
    """Return number, id and time of import of one photo more than wanted, newest first."""
    after, behind = search.after, ""
    if after:
        behind = " AND (-imported_at_s, photo_id) > (-:rank, :photo_id)"
    return connection.execute(
        "SELECT number, photo_id, imported_at_s FROM photos"
        f" WHERE number IN (SELECT value FROM json_each(:numbers)){behind}"
        " ORDER BY imported_at_s DESC, photo_id LIMIT :limit OFFSET :offset",
        {
            "numbers": json.dumps(passed.photos.tolist()),
            "rank": after.rank if after else 0,
            "photo_id": after.photo_id if after else "",
            "limit": search.limit + 1,
            "offset": 0 if after else search.offset,
        },
    ).fetchall()
