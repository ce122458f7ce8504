"""The photos as they were imported, each a file named by the SHA-256 of its bytes.

A photo that was imported in place has none here, but a reference to where it lies.
"""

import shutil
from pathlib import Path

from gateway import disk
from gateway.references import Reference, References
from gateway.spool import Upload


class Originals:
    """Content-addressed files <folder>/ab/cd/<photo id>; the same bytes are stored once."""

    def __init__(self, folder: Path, references: References) -> None:
        self._folder, self._references = folder, references
        disk.make_folder(folder)
        self._bytes = sum(path.stat().st_size for path in folder.glob("??/??/*"))

    @property
    def total_bytes(self) -> int:
        """Bytes of all originals."""
        return self._bytes

    @property
    def free_bytes(self) -> int:
        """Bytes that a person could still write beside them."""
        return shutil.disk_usage(self._folder).free

    def path(self, photo_id: str) -> Path:
        """Return where the original lies, or would lie."""
        reference = self.reference(photo_id)
        return reference.path if reference else self.own(photo_id)

    def check(self, photo_id: str) -> None:
        """Raise DataLoss for an original outside the library that is gone or another by now."""
        if reference := self.reference(photo_id):
            reference.check()

    def strangers(self, *, older_than_s: float) -> list[Path]:
        """Return the files here that bear no id of a photo; see disk.strangers."""
        return disk.strangers(self._folder, older_than_s=older_than_s)

    def paths(self) -> list[Path]:
        """Return every file there is."""
        return disk.photo_files(self._folder)

    def has(self, photo_id: str) -> bool:
        """Return whether there is an original; one outside the library may be gone by now."""
        return self.own(photo_id).is_file() or self.reference(photo_id) is not None

    def keep(self, photo_id: str, upload: Upload) -> None:
        """Store a finished upload; durable on return. Does nothing if it is stored already."""
        own = self.own(photo_id)
        if own.is_file():
            return
        disk.move_durably(upload.path, own)
        self._references.remove(photo_id)
        self._bytes += upload.size

    def refer(self, photo_id: str, reference: Reference) -> None:
        """Leave the original where it lies; durable on return."""
        if not self.own(photo_id).is_file():
            self._references.keep(photo_id, reference)

    def reference(self, photo_id: str) -> Reference | None:
        """Return where the original lies outside the library, None for one of its own."""
        return None if self.own(photo_id).is_file() else self._references.find(photo_id)

    def remove(self, photo_id: str) -> None:
        """Remove the original, durably, or the reference to one outside, which stays."""
        self._references.remove(photo_id)
        path = self.own(photo_id)
        if path.is_file():
            size = path.stat().st_size
            path.unlink()
            disk.sync_folder(path.parent)
            self._bytes -= size

    def own(self, photo_id: str) -> Path:
        """Return where the library's own original lies, or would lie: never a file outside."""
        return disk.spread(self._folder, photo_id)
