"""Photos that a browser sent, imported in threads: closing the page does not end that."""

import contextlib
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from common import errors, picture_names
from common.imports import ImportRecord
from ui import answers, client
from ui.import_session import ImportSession
from ui.importing import PatientImport, Tally
from ui.web import words

PATIENCE_S = 120.0
KEPT = 50


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

    @property
    def photos(self) -> int:
        """How many photos it should bring; 0 where only unpacking can tell."""
        if not picture_names.is_archive(self.name):
            return 1
        with contextlib.suppress(OSError, zipfile.BadZipFile, NotImplementedError):
            with zipfile.ZipFile(self.path) as archive:
                names = archive.namelist()
            if not any(map(picture_names.is_archive, names)):
                return sum(map(picture_names.is_picture, names))
        return 0


@dataclass(slots=True)
class Upload:
    """One import of this page; `waiting` says what it waits for, `trouble` why it broke off."""

    import_id: str
    tally: Tally = field(default_factory=Tally)
    waiting: str = ""
    trouble: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    def say(self, sentence: str) -> None:
        """Note what the import waits for."""
        self.waiting = sentence


class Uploads:
    """The imports that this page began; what it remembers of them is lost when it ends."""

    def __init__(self, library: client.Client) -> None:
        self._library = library
        self._known: dict[str, Upload] = {}

    def find(self, import_id: str) -> Upload | None:
        """Return the import if this page began it and remembers it."""
        return self._known.get(import_id)

    def begin(self, paths: Sequence[Path]) -> Upload:
        """Begin to import the files, which are removed as they are done.

        Raises Unavailable, and Mismatch where there is no room; then they are removed, too.
        """
        files = [UploadedFile(path) for path in paths]
        try:
            upload = Upload(self._library.imports.create(_record(files)).import_id)
        except errors.SemapixError:
            _remove(files)
            raise
        self._remember(upload)
        threading.Thread(target=self._run, args=[upload, files], daemon=True).start()
        return upload

    def _remember(self, upload: Upload) -> None:
        self._known[upload.import_id] = upload
        for old in list(self._known)[:-KEPT]:
            if self._known[old].done.is_set():
                del self._known[old]

    def _run(self, upload: Upload, files: Sequence[UploadedFile]) -> None:
        try:
            self._send(upload, files)
            if not upload.tally.unsent:  # else somebody cancelled it
                self._library.imports.finish(upload.import_id)
        except errors.SemapixError as error:
            upload.trouble = words.sentence(error)
        finally:
            _remove(files)
            upload.done.set()

    def _send(self, upload: Upload, files: Sequence[UploadedFile]) -> None:
        session = ImportSession(self._library.imports, upload.import_id)
        work = PatientImport(session, files, patience_s=PATIENCE_S, on_pause=upload.say)
        upload.tally = work.tally
        for imported in work.run():
            upload.waiting = ""
            _drop(files, imported)


def _record(files: Sequence[UploadedFile]) -> ImportRecord:
    counts = [file.photos for file in files]
    label = files[0].name if len(files) == 1 else words.count(len(files), "file")
    return ImportRecord(
        "",
        label=label[:200],
        total=sum(counts) if all(counts) else 0,
        total_bytes=sum(file.path.stat().st_size for file in files),
    )


def _drop(files: Sequence[UploadedFile], imported: answers.Imported) -> None:
    """Remove the file that is done; an archive is done once its own outcome is there."""
    if not imported.entry:
        files[imported.item].path.unlink(missing_ok=True)


def _remove(files: Sequence[UploadedFile]) -> None:
    for file in files:
        file.path.unlink(missing_ok=True)


def meant(paths: Sequence[str]) -> list[Path]:
    """Return the pictures and archives among the files of a folder; the others are removed."""
    files = [Path(path) for path in paths]
    found = [path for path in files if _promises(path.name)]
    _remove([UploadedFile(path) for path in files if path not in found])
    return found


def _promises(name: str) -> bool:
    return picture_names.is_picture(name) or picture_names.is_archive(name)
