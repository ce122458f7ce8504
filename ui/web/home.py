"""What happens on the Home page: files come in, photos are paged through."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common import errors
from ui import answers, client
from ui.web import cards, reports, uploads, words
from ui.web.imports_panel import ImportsPanel

PAGE_SIZE = 60
WELCOME = cards.empty(
    "No photos yet",
    "Drop photos, folders, zip or tar files above. They can be searched as soon as they are in; "
    "what is on this machine also comes in with `semapix import FOLDER`.",
)
LOOK_EVERY_S = 0.7


@dataclass(frozen=True, slots=True)
class Paging:
    """The page shown: how many photos are newer, or the token it goes on from; the one to follow.

    A page to follow goes on from a token, so that photos that came meanwhile move nothing.
    """

    first: int = 0
    token: str = ""
    next_token: str = ""

    @property
    def number(self) -> int:
        """The page, from 1."""
        return self.first // PAGE_SIZE + 1

    def older(self) -> "Paging":
        """Return the page to follow; on the last one, the same again."""
        return Paging(self.first + PAGE_SIZE, self.next_token) if self.next_token else self

    def newer(self) -> "Paging":
        """Return the page before; on the first one, the same again."""
        return Paging(max(self.first - PAGE_SIZE, 0))


def page(number: int) -> Paging:
    """Return the page of that number, from 1."""
    return Paging(PAGE_SIZE * (max(number, 1) - 1))


def pages(total: int) -> int:
    """Return how many pages so many photos fill, at least 1."""
    return max(-(-total // PAGE_SIZE), 1)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the gallery, its place in words, and how many photos the library has."""

    gallery: str
    place: str
    paging: Paging
    total: int = 0


class Home:
    """What happens on the page."""

    def __init__(self, library: client.Client, begun: uploads.Uploads) -> None:
        self._library, self._uploads = library, begun
        self.panel = ImportsPanel(library, begun)

    def summary(self) -> str:
        """Return the number of photos and the notices, or why they are not known."""
        try:
            return reports.summary(self._library.status())
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error))

    def take(self, paths: list[str] | None) -> Iterator[str]:
        """Import the files; yield how far it is until it is over, whoever watches."""
        yield from self._taken([Path(path) for path in paths or ()])

    def take_folder(self, paths: list[str] | None) -> Iterator[str]:
        """Import the pictures and archives among the files of a folder."""
        yield from self._taken(uploads.meant(paths or ()))

    def _taken(self, files: list[Path]) -> Iterator[str]:
        if not files:
            yield cards.note("There is no picture and no archive in it.")
            return
        try:
            upload = self._uploads.begin(files)
        except errors.SemapixError as error:
            yield cards.problem(words.sentence(error))
            return
        while not upload.done.wait(LOOK_EVERY_S):
            yield self.panel.shown()
        yield self.panel.shown()

    def gallery(self, paging: Paging) -> Shown:
        """Return the page that `paging` stands at."""
        skip = 0 if paging.token else paging.first
        try:
            found = self._library.list_photos(page_size=PAGE_SIZE, token=paging.token, skip=skip)
        except errors.SemapixError as error:
            return Shown(cards.problem(words.sentence(error)), "", paging)
        if not found.total:
            return Shown(WELCOME, "", Paging())
        if paging.first and not found.photos:  # there is no such page, or no more
            return self.gallery(page(pages(found.total)))
        turned = dataclasses.replace(paging, next_token=found.next_token)
        return Shown(cards.gallery(found.photos), _place(paging, found), turned, found.total)


def _place(paging: Paging, found: answers.Page) -> str:
    if found.total <= PAGE_SIZE:
        return ""  # the count of the library says it
    last = paging.first + len(found.photos)
    return f"{paging.first + 1:,} to {last:,} of {found.total:,}, newest first"
