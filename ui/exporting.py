"""Photos written into a folder by readable names, with a catalogue of what is known of them.

Clusters and groups get a folder each; a photo that is in several is in each of them.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from common import errors
from common.samples import Entry, PhotoFacts
from ui import console, saving
from ui.client import Client
from ui.selections import Section

PHOTOS, CATALOGUE = "photos", "catalogue.jsonl"
BATCH = 200
MOST_NAME_BYTES = 150
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\ufffd]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe_name(facts: PhotoFacts) -> str:
    """Return a file name that every file system takes and that still tells which photo it is."""
    return _safe(saving.file_name(facts)) or facts.photo_id[:12]


def _safe(name: str) -> str:
    name = _UNSAFE.sub("_", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    stem, extension = (stem, dot + extension) if stem and len(extension) < 10 else (name, "")
    stem = stem.encode()[: MOST_NAME_BYTES - len(extension.encode())].decode(errors="ignore")
    return f"_{stem}{extension}" if _RESERVED.fullmatch(name) else f"{stem}{extension}"


class Names:
    """File names, each given once, even where a file system mistakes capital letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, facts: PhotoFacts) -> str:
        """Return a name for the photo; one that is taken gets digits of the id."""
        plain = Path(safe_name(facts))
        numbered = (f"{plain.stem}-{facts.photo_id[:n]}{plain.suffix}" for n in (8, 16, 64))
        name = next(n for n in (plain.name, *numbered) if n.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of a section below that of an export, with the names given in it."""

    section: Section
    folder: str
    names: Names = field(default_factory=Names)


def places(sections: Sequence[Section]) -> Iterator[Place]:
    """Yield a place for each section; what has no title lies beside the folders of the others."""
    for number, section in enumerate(sections):
        # A guess is marked as one where a person reads it; a folder's name bears no such mark.
        called = _safe(f"{number:03} {section.title.rstrip('?')}") if section.title else ""
        yield Place(section, f"{PHOTOS}/{called}".rstrip("/"))


class Vectors:
    """The vectors of a library in a file of their own, so that memory holds their places alone."""

    def __init__(self, vectors: Iterable[tuple[str, bytes]], file: IO[bytes]) -> None:
        self._file, self._places = file, {}
        for sample_id, vector in vectors:
            self._places[sample_id] = (file.tell(), len(vector))
            file.write(vector)

    def of(self, sample_id: str) -> list[float] | None:
        """Return the vector of a sample; None for one that came later."""
        if sample_id not in self._places:
            return None
        place, size = self._places[sample_id]
        self._file.seek(place)
        numbers: list[float] = np.frombuffer(self._file.read(size), "<f4").tolist()
        return numbers


class Table(Protocol):
    """Takes the records of a catalogue one by one."""

    def add(self, record: dict[str, Any]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What an export is to hold, and whether originals are copied even where a link would do."""

    sections: Sequence[Section]
    vectors: bool = False
    copy: bool = False

    @property
    def total(self) -> int:
        return sum(len(section.ids) for section in self.sections)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds; `problems` are photos that could not be written, each with why.

    `folder` may be the file of an album. A photo in several sections counts in each.
    """

    folder: Path
    photos: int
    linked: int
    bytes: int
    problems: tuple[tuple[str, str], ...]


class Exporter:
    """Writes photos of one library into a folder that is empty or not there."""

    def __init__(self, client: Client, folder: Path, tables: Sequence[Table] = ()) -> None:
        self._client, self._folder, self._tables = client, folder, tables
        self._linked = self._bytes = 0
        self._problems: list[tuple[str, str]] = []

    def export(self, wish: Wish, *, report: Callable[[int, int], None]) -> Exported:
        """Write all photos of `wish` that there are."""
        done = 0
        with tempfile.TemporaryFile() as file:
            found = self._client.housekeeping.vectors() if wish.vectors else ()
            vectors = Vectors(found, file)
            for place in places(wish.sections):
                (self._folder / place.folder).mkdir(parents=True, exist_ok=True)
                for entry in self._entries(place.section.ids):
                    self._one(entry, place, vectors if wish.vectors else None, wish=wish)
                    done += 1
                    report(done, wish.total)
        for table in self._tables:
            table.close()
        photos = wish.total - len(self._problems)
        problems = tuple(self._problems)
        return Exported(self._folder, photos, self._linked, self._bytes, problems)

    def _entries(self, ids: Sequence[str]) -> Iterator[tuple[Entry, str]]:
        """Yield each photo with the place of its original on this machine, "" elsewhere."""
        for at in range(0, len(ids), BATCH):
            part = ids[at : at + BATCH]
            places = self._client.housekeeping.places(part)
            for photo_id, place, found in zip(part, places, self._client.photos(part), strict=True):
                if isinstance(found, errors.SemapixError):
                    self._problems.append((photo_id, str(found)))
                else:
                    yield found, place

    def _one(
        self, found: tuple[Entry, str], place: Place, vectors: Vectors | None, *, wish: Wish
    ) -> None:
        entry, original = found
        file = f"{place.folder}/{place.names.name(entry.facts)}"
        try:
            self._write(self._folder / file, entry.facts, "" if wish.copy else original)
        except errors.SemapixError as error:
            self._problems.append((entry.facts.photo_id, str(error)))
            return
        for table in self._tables:
            table.add(record(entry, file, vectors))

    def _write(self, path: Path, facts: PhotoFacts, place: str) -> None:
        self._bytes += facts.bytes
        if place and _linked(Path(place), path, facts):
            self._linked += 1
        else:
            saving.write_pieces(path, self._client.original(facts.photo_id))


def _linked(original: Path, path: Path, facts: PhotoFacts) -> bool:
    """Return whether `path` is another name of the original now: it has to lie on this disk."""
    if original.name != facts.photo_id:
        return False
    try:
        if original.stat().st_size != facts.bytes:
            return False
        os.link(original, path)
    except OSError:
        return False
    return True


def record(entry: Entry, file: str, vectors: Vectors | None) -> dict[str, Any]:
    """Return what is known of a photo as one record of the catalogue."""
    made: dict[str, Any] = {"file": file, **console.plain(entry.facts)}
    made["stages"] = console.plain(entry.stages)
    made["samples"] = console.plain(entry.samples)
    if vectors:
        for sample in made["samples"]:
            sample["vector"] = vectors.of(sample["sample_id"])
    return made


class JsonLines:
    """One record a line, in UTF-8; the file appears once it is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._draft = path, path.with_name(f".{path.name}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._draft.open("w", encoding="utf-8")

    def add(self, record: dict[str, Any]) -> None:
        """Write a record."""
        self._file.write(json.dumps(record) + "\n")

    def close(self) -> None:
        """Give the file its name."""
        self._file.close()
        self._draft.replace(self._path)
