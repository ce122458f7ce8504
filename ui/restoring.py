"""A library out of a backup: originals first, the catalogue last, so that half of it is none."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from common import errors
from ui import backup_folder, backups, library, saving
from ui.backups import IDENTITIES, MANIFEST, ORIGINALS

INDEX, ANALYSES = "index", "analyses"
# What a library has that lost its catalogue, or a restore leaves that was cut short.
OWN = {INDEX, ANALYSES, ORIGINALS, "thumbnails", "spool", "quarantine", "references", "orphans"}
OWN |= {"logs", library.LOCK_FILE, library.UP_FILE}
_IDENTITY = re.compile(rf"{IDENTITIES}-[0-9a-f]{{16}}-([a-z-]{{1,80}}\.json)")


@dataclass(frozen=True, slots=True)
class RestoredLibrary:
    """A library that was restored; `missing` photos had no original in the backup."""

    folder: Path
    revision: int
    photos: int
    missing: tuple[str, ...]


def restored(source: Path, folder: Path, *, report: Callable[[int], None]) -> RestoredLibrary:
    """Restore the backup `source` into the folder of a library that is not there yet.

    Raises Mismatch for a folder that holds a library or else, DataLoss for a damaged backup.
    """
    catalogue = folder / INDEX / backups.CATALOGUE
    if catalogue.exists() or library.is_held(folder):
        raise errors.Mismatch(f"{folder} is a library already: name a new folder with --library")
    _check_free(folder)
    draft = catalogue.with_name(f"{backups.CATALOGUE}.restoring")
    draft.parent.mkdir(parents=True, exist_ok=True)
    found: set[str] = set()
    known: set[tuple[str, str]] = set()
    manifest = None
    for name, pieces in backup_folder.members(source):
        if name.startswith(f"{ORIGINALS}/"):
            found.add(_original(folder, name.removeprefix(f"{ORIGINALS}/"), pieces))
            report(len(found))
        elif name.startswith(f"{IDENTITIES}-"):
            known.add(_identity(folder, name, b"".join(pieces)))
        elif name == MANIFEST:
            manifest = backups.manifest_from(b"".join(pieces).decode(), source / MANIFEST)
        else:
            saving.write_pieces(draft, pieces, durably=True)
    if manifest is None or not draft.exists():
        raise errors.DataLoss(f"{source} is not a whole backup: it has no manifest or catalogue")
    _verify(draft, manifest, found)
    if lost := set(manifest.identities) - known:
        raise errors.DataLoss(f"what names clusters in the backup is damaged: {min(lost)[0]}")
    draft.replace(catalogue)
    return RestoredLibrary(folder, manifest.revision, len(manifest.photo_ids), manifest.missing)


def _check_free(folder: Path) -> None:
    """Raise Mismatch for a folder of somebody else's files."""
    there = folder.iterdir() if folder.exists() else iter(())
    other = sorted(path.name for path in there if path.name not in OWN)
    if other:
        raise errors.Mismatch(
            f"{folder} has other files in it ({other[0]}): name a new folder with --library"
        )


def _original(folder: Path, photo_id: str, pieces: Iterator[bytes]) -> str:
    """Write one original, verified; return its id. Raises DataLoss."""
    if len(photo_id) != 64 or not set(photo_id) <= set("0123456789abcdef"):
        raise errors.DataLoss(f"{photo_id[:80]!r} in the backup is not the id of a photo")
    path = backups.spread(folder / ORIGINALS, photo_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    checked = backups.checked(pieces, photo_id, f"the original of photo {photo_id}")
    saving.write_pieces(path, checked, durably=True)
    return photo_id


def _identity(folder: Path, member: str, content: bytes) -> tuple[str, str]:
    """Write a file of the identities of clusters; return its name and hash. Raises DataLoss."""
    name = _IDENTITY.fullmatch(member)
    if name is None:
        raise errors.DataLoss(f"{member[:80]!r} in the backup is of no use")
    path = folder / ANALYSES / IDENTITIES / name[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    saving.write_pieces(path, [content], durably=True)
    return name[1], hashlib.sha256(content).hexdigest()


def _verify(catalogue: Path, manifest: backups.Manifest, found: set[str]) -> None:
    with catalogue.open("rb") as file:
        pieces = iter(lambda: file.read(backup_folder.PIECE_BYTES), b"")
        for _ in backups.checked(pieces, manifest.catalogue_sha256, "the catalogue"):
            pass
    lacking = set(manifest.photo_ids) - set(manifest.missing) - found
    if lacking:
        raise errors.DataLoss(f"the backup lacks {len(lacking)} originals, {min(lacking)} for one")
