"""Backups: a catalogue of one revision and every original in it, verified by their hashes.

The catalogue is copied first, then the originals that it names: they never change, and what is
imported later is not in that catalogue. An original that was deleted for good in between is not
there any more; then the catalogue is copied again, and only what is new is fetched. The manifest,
which says that a backup is whole, is written last: one that was cut short has the old one or none.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Protocol

from common import errors
from ui.housekeeping import CataloguePiece

FORMAT = 1
MANIFEST, CATALOGUE, ORIGINALS = "backup.json", "catalogue.sqlite", "originals"
IDENTITIES = "identities"
ATTEMPTS = 5
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a whole backup holds; `missing` are photos whose original was lost or damaged.

    `identities` are names and hashes of the files by which clusters, and their names, are known.
    """

    format: int
    revision: int
    made_at_s: int
    catalogue: str
    catalogue_sha256: str
    photo_ids: tuple[str, ...]
    missing: tuple[str, ...] = ()
    identities: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"


def manifest_from(text: str, name: object) -> Manifest:
    """Return the manifest. Raises DataLoss if it is none."""
    try:
        stored = json.loads(text)
        ids, missing = tuple(stored.pop("photo_ids")), tuple(stored.pop("missing"))
        known = tuple((str(name), str(sha256)) for name, sha256 in stored.pop("identities", ()))
        made = Manifest(**stored, photo_ids=ids, missing=missing, identities=known)
    except (ValueError, TypeError, KeyError) as error:
        raise errors.DataLoss(f"{name} is not the manifest of a backup: {error}") from error
    if made.format != FORMAT:
        raise errors.Mismatch(f"{name} is of format {made.format}: install a newer Semapix")
    return made


class Library(Protocol):
    """What a backup needs of a library."""

    def catalogue(self) -> Iterator[CataloguePiece]: ...

    def stored(self, photo_id: str) -> Iterator[bytes]: ...


class Clusters(Protocol):
    """What a backup needs of the analyses of a library. Raises Unavailable without them."""

    def identities(self) -> Iterator[tuple[str, bytes]]: ...


class Target(Protocol):
    """Where a backup is written; `finish` makes it whole."""

    def lacks(self, photo_id: str) -> bool: ...

    def add(self, photo_id: str, original: IO[bytes]) -> None: ...

    def identity(self, name: str, sha256: str, content: bytes) -> None: ...

    def finish(self, catalogue: IO[bytes], manifest: Manifest) -> None: ...


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds, and how many of the originals were fetched this time.

    `nameless` says why the names of clusters are not in it; "" if they are.
    """

    revision: int
    photos: int
    fetched: int
    missing: tuple[str, ...]
    nameless: str = ""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    file: IO[bytes]
    sha256: str
    revision: int
    photo_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Identities:
    """Names and hashes of files that were written; `trouble` says why there are none."""

    files: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


def backed_up(library: Library, target: Target, *, clusters: Clusters, report: Report) -> BackedUp:
    """Write a backup; an original that is lost or damaged is told and costs no other."""
    identities = _identities(clusters, target)
    fetched, lost = 0, list[str]()
    for attempt in range(1, ATTEMPTS + 1):
        with tempfile.TemporaryFile() as file:
            snapshot = _snapshot(library, file)
            gone = []
            for done, photo_id in enumerate(snapshot.photo_ids, start=1):
                if target.lacks(photo_id):
                    there = _fetch(library, target, photo_id)
                    fetched += there
                    gone += [] if there else [photo_id]
                report(done, len(snapshot.photo_ids))
            # What was deleted meanwhile is in no newer catalogue; what is lost stays in it.
            if not gone or gone == lost or attempt == ATTEMPTS:
                manifest = _manifest(snapshot, tuple(gone), identities.files)
                snapshot.file.seek(0)
                target.finish(snapshot.file, manifest)
                photos, trouble = len(snapshot.photo_ids), identities.trouble
                return BackedUp(snapshot.revision, photos, fetched, manifest.missing, trouble)
            lost = gone
    raise AssertionError("the last attempt returns")


def _identities(clusters: Clusters, target: Target) -> _Identities:
    """Write what clusters are known by, or say why it cannot be had."""
    written = []
    try:
        for name, content in clusters.identities():
            sha256 = hashlib.sha256(content).hexdigest()
            target.identity(name, sha256, content)
            written.append((name, sha256))
    except (errors.Unavailable, errors.TooSlow) as error:
        return _Identities(trouble=str(error))
    return _Identities(tuple(written))


def _manifest(
    snapshot: _Snapshot, missing: tuple[str, ...], identities: tuple[tuple[str, str], ...]
) -> Manifest:
    return Manifest(
        format=FORMAT,
        revision=snapshot.revision,
        made_at_s=int(time.time()),
        catalogue=f"catalogue-{snapshot.sha256[:16]}.sqlite",
        catalogue_sha256=snapshot.sha256,
        photo_ids=snapshot.photo_ids,
        missing=missing,
        identities=identities,
    )


def _snapshot(library: Library, file: IO[bytes]) -> _Snapshot:
    digest, revision = hashlib.sha256(), 0
    ids: list[str] = []
    for piece in library.catalogue():
        digest.update(piece.chunk)
        file.write(piece.chunk)
        ids += piece.photo_ids
        revision = piece.revision
    return _Snapshot(file, digest.hexdigest(), revision, tuple(sorted(ids)))


def _fetch(library: Library, target: Target, photo_id: str) -> bool:
    """Fetch one original; return False where there is none, or other bytes."""
    with tempfile.SpooledTemporaryFile(2**24) as file:
        digest = hashlib.sha256()
        try:
            for piece in library.stored(photo_id):
                digest.update(piece)
                file.write(piece)
        except (errors.NotFound, errors.DataLoss):
            return False
        if digest.hexdigest() != photo_id:
            return False
        file.seek(0)
        target.add(photo_id, file)
        return True


def checked(pieces: Iterable[bytes], sha256: str, name: str) -> Iterator[bytes]:
    """Yield the pieces. Raises DataLoss at their end unless they have that hash."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    if digest.hexdigest() != sha256:
        raise errors.DataLoss(f"{name} in the backup is damaged: it has another hash")


def spread(folder: Path, photo_id: str) -> Path:
    """Return where an original lies below `folder`, in a backup and in a library."""
    return folder / photo_id[:2] / photo_id[2:4] / photo_id
