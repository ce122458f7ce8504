"""A catalogue of photo ids, for tests of what happens around it."""

from collections.abc import Sequence

from common import errors
from common.samples import Entry, PhotoFacts, Stage
from gateway.books import Books
from gateway.files import Files
from gateway.keeping import Results, Trashed, TrashPage
from gateway.services import Page, Update
from gateway.settling import Settler


class Catalogue:
    """Rows in a set; can be away. What is on its way is written before what is asked for next."""

    def __init__(self, *photo_ids: str) -> None:
        self.rows, self.away = set(photo_ids), False
        self.failures: list[Exception] = []
        self.on_its_way: set[str] = set()
        self.bin: set[str] = set()

    async def put(self, update: Update, *, fingerprint: str) -> None:
        self.rows.add(update.facts.photo_id)

    async def delete(self, photo_ids: "list[str]") -> list[errors.SemapixError | None]:
        self.rows |= self.on_its_way
        gone = [None if one in self.rows else errors.NotFound(one) for one in photo_ids]
        self.rows -= set(photo_ids)
        if self.away:  # the rows are gone, the answer is lost
            raise errors.Unavailable("index")
        return gone

    async def entries(
        self, photo_ids: "list[str]", *, samples: bool
    ) -> list[Entry | errors.SemapixError]:
        if self.failures:
            raise self.failures.pop()
        if self.away:
            raise errors.Unavailable("index")
        return [
            Entry(PhotoFacts(one, 1, 1, 1, "JPEG")) if one in self.rows else errors.NotFound(one)
            for one in photo_ids
        ]

    async def trash(self, photo_ids: "list[str]") -> Results:
        return self._moved(photo_ids, self.rows, self.bin)

    async def untrash(self, photo_ids: "list[str]") -> Results:
        return self._moved(photo_ids, self.bin, self.rows)

    async def purge(self, photo_ids: "list[str]") -> Results:
        return self._moved(photo_ids, self.bin, set())

    async def trashed(self, *, photo_ids: "list[str]" = (), **page: object) -> TrashPage:  # type: ignore[assignment]
        found = sorted(self.bin & set(photo_ids) if photo_ids else self.bin)
        photos = tuple(Trashed(PhotoFacts(one, 1, 1, 1, "JPEG"), 1) for one in found)
        return TrashPage(photos, "", len(self.bin))

    def _moved(self, photo_ids: "list[str]", source: set[str], target: set[str]) -> Results:
        results: Results = [None if one in source else errors.NotFound(one) for one in photo_ids]
        moved = source & set(photo_ids)
        source -= moved
        target |= moved
        if self.away:  # the rows have moved, the answer is lost
            raise errors.Unavailable("index")
        return results

    async def page(
        self, *, size: int = 0, token: str = "", missing: Stage | None = None, skip: int = 0
    ) -> Page:
        return Page((), "", 0)


class Rejections:
    """The list of the rejected, as a set of photo ids."""

    def __init__(self, *photo_ids: str) -> None:
        self.photo_ids = set(photo_ids)

    async def named(self, photo_ids: Sequence[str]) -> set[str]:
        return self.photo_ids & set(photo_ids)


def settler(own: Files, catalogue: Catalogue, *rejected: str) -> Settler:
    """Return what settles, where these photos are on the list of the rejected."""
    return Settler(own, Books(catalogue, catalogue, Rejections(*rejected)))
