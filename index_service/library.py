"""One library: its catalogue on disk, its vectors in memory, and the search over both."""

import contextlib
import dataclasses
import logging
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from common.samples import Hit, Kind
from index_service import disk, indices, reading, soundness, trash
from index_service.builder import Builder
from index_service.candidates import Wish
from index_service.catalogue import Catalogue
from index_service.changes import Change, Outcome
from index_service.indices import Indices, View
from index_service.names import Names
from index_service.searching import Found, Search, Searcher
from index_service.settings import Settings
from index_service.soundness import Finding
from index_service.streaming import VectorStream

log = logging.getLogger(__name__)
GRAPHS = "graphs"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the catalogue of one revision, and the photos in it, trashed ones included."""

    path: Path
    revision: int
    photo_ids: tuple[str, ...]


class Library:
    """Changes come from one thread, `apply`; everything else may be called from any thread."""

    def __init__(self, settings: Settings, catalogue: Catalogue, readers: disk.Readers) -> None:
        self._folder, self._catalogue, self._readers = settings.folder, catalogue, readers
        with readers.reading() as connection:
            self._indices = Indices(indices.loaded(connection))
            # A photo that was removed keeps its name here: an older view may still ask for it.
            self._names = Names(reading.photo_names(connection))
        self._searcher = Searcher(readers.reading, self._names)
        self._changing = threading.Lock()
        self._builder = Builder(
            self._indices,
            settings.folder / GRAPHS,
            graph_from=settings.graph_from,
            threads=settings.build_threads,
        )

    @property
    def folder(self) -> Path:
        """The folder of catalogue and graphs."""
        return self._folder

    @property
    def view(self) -> View:
        """The vectors that a search sees now."""
        return self._indices.view

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend a connection to one moment of the catalogue."""
        return self._readers.reading()

    def start(self) -> None:
        """Load the saved graphs; build what is missing in the background."""
        self._builder.start()

    def close(self) -> None:
        """Save the graphs and close the catalogue."""
        self._builder.close()
        self._readers.close()
        self._catalogue.close()

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Return how each change fared. On return they are on disk, and searches see them."""
        with self._changing:
            swapped: list[View] = []
            outcomes, effects, meta = self._catalogue.apply(
                changes, on_swap=lambda connection: swapped.append(indices.loaded(connection))
            )
            self._names.add(effects.photos)
            if swapped:
                self._indices.replace(swapped[0])
            else:
                self._indices.publish(effects, meta)
        self._builder.wake()
        return outcomes

    def memory_troubles(self, *, repair: bool) -> list[Finding]:
        """Return where vectors in memory differ from the catalogue; mended where `repair`."""
        with contextlib.ExitStack() as stack:
            with self._changing:
                connection = stack.enter_context(self.reading())
                # What a connection sees is fixed by its first read, and changes may go on then.
                reading.meta(connection)
                view = self.view
            found = soundness.of_memory(connection, view)
        if found and repair:
            with self._changing, self.reading() as connection:
                self._indices.replace(indices.loaded(connection))
        self._builder.wake()
        return [dataclasses.replace(finding, repaired=repair) for finding in found]

    @contextlib.contextmanager
    def copied(self) -> Iterator[Copy]:
        """Lend a copy of the catalogue as it is now; changes go on meanwhile."""
        with self.reading() as connection, disk.copied(connection, self._folder) as path:
            ids = [*reading.photo_names(connection).values(), *trash.ids(connection)]
            yield Copy(path, reading.meta(connection).revision, tuple(ids))

    def search(self, view: View, wish: Wish) -> list[Hit]:
        """Return the photos that answer `wish`, best first, out of `view`."""
        search = Search(wish, limit=wish.limit, offset=wish.offset)
        return list(self.found(view, search).hits)

    def found(self, view: View, search: Search) -> Found:
        """Return a page of the photos that answer `search`, best first, out of `view`."""
        return self._searcher.found(view, search)

    def numbers_of(self, photo_ids: Sequence[str]) -> frozenset[int]:
        """Return the numbers of those photos that are known."""
        if not photo_ids:
            return frozenset()
        with self.reading() as connection:
            return frozenset(reading.photo_numbers(connection, photo_ids))

    def streamed(self, kinds: Collection[Kind], *, chunk: int) -> VectorStream:
        """Return the vectors of `kinds` at one revision, to be closed."""
        return VectorStream(self.reading, kinds, chunk=chunk)

    def disk_bytes(self) -> int:
        """Return the size of everything in the folder."""
        return sum(_size(path) for path in self._folder.rglob("*"))


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Library]:
    """Own and open the library of a folder until the block ends.

    Raises Unavailable if another process owns it, DataLoss if it is damaged, Mismatch if a newer
    Semapix wrote it.
    """
    with disk.owned(settings.folder):
        disk.sweep(settings.folder)
        catalogue = Catalogue(settings.folder)
        readers = disk.Readers(settings.folder)
        library = Library(settings, catalogue, readers)
        library.start()
        log.info("library %s at revision %d", settings.folder, library.view.meta.revision)
        try:
            yield library
        finally:
            library.close()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        # Swept away since it was listed.
        return 0
