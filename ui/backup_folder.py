"""Backups as folders, which only take what is new, and as tar files, written anew each time."""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from common import errors
from ui import backups, saving
from ui.backups import IDENTITIES, MANIFEST, ORIGINALS, Manifest

PIECE_BYTES = 2**20
Member = tuple[str, Iterator[bytes]]


class FolderTarget:
    """A folder of originals, a catalogue and a manifest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / ORIGINALS).is_dir():
            raise errors.InvalidInput("target", f"{folder} has other files in it: name another")
        (folder / ORIGINALS).mkdir(exist_ok=True)

    def lacks(self, photo_id: str) -> bool:
        """Return whether the original is not there yet; files appear whole or not at all."""
        return not self._path(photo_id).exists()

    def add(self, photo_id: str, original: IO[bytes]) -> None:
        """Write an original, durably."""
        path = self._path(photo_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        saving.write_pieces(path, _pieces(original), durably=True)

    def identity(self, name: str, sha256: str, content: bytes) -> None:
        """Write what clusters are known by, beside that of an older backup."""
        path = self._folder / _identity(name, sha256)
        saving.write_pieces(path, [content], durably=True)

    def finish(self, catalogue: IO[bytes], manifest: Manifest) -> None:
        """Write catalogue and manifest, and remove what belongs to older backups alone."""
        saving.write_pieces(self._folder / manifest.catalogue, _pieces(catalogue), durably=True)
        text = manifest.text().encode()
        saving.write_pieces(self._folder / MANIFEST, [text], durably=True)
        ours = {manifest.catalogue, *(_identity(*one) for one in manifest.identities)}
        # Names that could not be had this time stay as they were: better old ones than none.
        patterns = (
            "catalogue-*.sqlite",
            *([f"{IDENTITIES}-*.json"] if manifest.identities else []),
        )
        for old in (path for pattern in patterns for path in self._folder.glob(pattern)):
            if old.name not in ours:
                old.unlink()

    def _path(self, photo_id: str) -> Path:
        return backups.spread(self._folder / ORIGINALS, photo_id)


class TarTarget:
    """A tar file; it gets its name once it is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._draft = path, path.with_name(f".{path.name}.part")
        self._tar = tarfile.open(self._draft, "w")  # noqa: SIM115 - closed by finish or close
        self._has: set[str] = set()

    def close(self) -> None:
        """Remove what is not whole."""
        self._tar.close()
        self._draft.unlink(missing_ok=True)

    def lacks(self, photo_id: str) -> bool:
        """Return whether the original is not in it yet."""
        return photo_id not in self._has

    def add(self, photo_id: str, original: IO[bytes]) -> None:
        """Append an original."""
        self._append(f"{ORIGINALS}/{photo_id}", original)
        self._has.add(photo_id)

    def identity(self, name: str, sha256: str, content: bytes) -> None:
        """Append what clusters are known by."""
        self._append(_identity(name, sha256), io.BytesIO(content))

    def finish(self, catalogue: IO[bytes], manifest: Manifest) -> None:
        """Append catalogue and manifest, and give the file its name."""
        self._append(manifest.catalogue, catalogue)
        self._append(MANIFEST, io.BytesIO(manifest.text().encode()))
        self._tar.close()
        with self._draft.open("rb") as written:
            os.fsync(written.fileno())
        self._draft.replace(self._path)

    def _append(self, name: str, file: IO[bytes]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = file.seek(0, os.SEEK_END)
        file.seek(0)
        self._tar.addfile(entry, file)


def _identity(name: str, sha256: str) -> str:
    """Return under which name a file stands in a backup."""
    return f"{IDENTITIES}-{sha256[:16]}-{name}"


def members(source: Path) -> Iterator[Member]:
    """Yield name and pieces of everything in a backup, its manifest last.

    Raises NotFound if there is none, DataLoss if it is not whole.
    """
    if source.is_dir():
        yield from _of_folder(source)
    elif source.is_file():
        yield from _of_tar(source)
    else:
        raise errors.NotFound(f"there is no backup at {source}")


def _of_folder(folder: Path) -> Iterator[Member]:
    path = folder / MANIFEST
    if not path.exists():
        raise errors.NotFound(f"{folder} holds no backup that is whole: there is no {MANIFEST}")
    text = path.read_text(encoding="utf-8")
    manifest = backups.manifest_from(text, path)
    for photo_id in manifest.photo_ids:
        if photo_id not in manifest.missing:
            original = backups.spread(folder / ORIGINALS, photo_id)
            yield f"{ORIGINALS}/{photo_id}", _of_file(original)
    for one in manifest.identities:
        yield _identity(*one), _of_file(folder / Path(_identity(*one)).name)
    yield manifest.catalogue, _of_file(folder / Path(manifest.catalogue).name)
    yield MANIFEST, iter([text.encode()])


def _of_file(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from _pieces(file)
    except FileNotFoundError:
        raise errors.DataLoss(f"{path} is missing in the backup") from None


def _of_tar(path: Path) -> Iterator[Member]:
    try:
        with tarfile.open(path, "r|*") as tar:
            for entry in tar:
                file = tar.extractfile(entry)
                if file:
                    yield entry.name, _pieces(file)
    except tarfile.TarError as error:
        raise errors.DataLoss(f"{path} is not a whole tar file: {error}") from error


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece
