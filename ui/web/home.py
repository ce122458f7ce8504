"""What happens on the Home page: files come in, photos are paged through."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common import errors
from ui import answers, client
from ui.web import cards, reports, words

PAGE_SIZE = 60


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


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that the browser sent, under its own name instead of the temporary path."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes. Raises OSError."""
        return answers.FileSource(self.path).pieces()


class Home:
    """What happens on the page."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def summary(self) -> str:
        """Return the number of photos and the notices, or why they are not known."""
        try:
            return reports.summary(self._library.status())
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error))

    def take(self, paths: list[str] | None) -> Iterator[str]:
        """Import the files; yield the report as it grows. The temporary files are removed."""
        files = [UploadedFile(Path(path)) for path in paths or ()]
        outcomes: list[answers.Imported] = []
        try:
            for imported in self._library.import_photos(files):
                outcomes.append(imported)
                yield reports.import_report(outcomes, len(files))
        except errors.SemapixError as error:
            report = reports.import_report(outcomes, len(files))
            yield report + cards.problem(words.sentence(error))
        finally:
            for file in files:
                file.path.unlink(missing_ok=True)

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
