"""What happens on the Home page: files come in, photos are paged through."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common import errors
from ui import client
from ui.web import cards, reports, uploads, words
from ui.web.imports_panel import ImportsPanel

PAGE_SIZE = 60
LOOK_EVERY_S = 0.7


@dataclass(frozen=True, slots=True)
class Paging:
    """Tokens of the pages on the way to the one shown, itself the last; and the one to follow."""

    visited: tuple[str, ...] = ("",)
    next_token: str = ""

    def older(self) -> "Paging":
        """Return the page to follow; on the last one, the same again."""
        return Paging((*self.visited, self.next_token)) if self.next_token else self

    def newer(self) -> "Paging":
        """Return the page before; on the first one, the same again."""
        return Paging(self.visited[:-1] or ("",))


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

    def gallery(self, paging: Paging) -> tuple[str, str, Paging]:
        """Return gallery, place and paging of the page that `paging` stands at."""
        try:
            page = self._library.list_photos(page_size=PAGE_SIZE, token=paging.visited[-1])
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error)), "", paging
        if not page.total:
            welcome = cards.empty("No photos yet", "Drop some above: they can be searched at once.")
            return welcome, "", Paging()
        first = (len(paging.visited) - 1) * PAGE_SIZE + 1
        place = f"{first:,} to {first - 1 + len(page.photos):,} of {page.total:,}, newest first"
        return cards.gallery(page.photos), place, Paging(paging.visited, page.next_token)
