"""The photos as they were imported, each a file named by the SHA-256 of its bytes."""

from pathlib import Path

from gateway import disk
from gateway.spool import Upload


class Originals:
    """Content-addressed files <folder>/ab/cd/<photo id>; the same bytes are stored once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        disk.make_folder(folder)
        self._bytes = sum(path.stat().st_size for path in folder.glob("??/??/*"))

    @property
    def total_bytes(self) -> int:
        """Bytes of all originals."""
        return self._bytes

    def path(self, photo_id: str) -> Path:
        """Return where the original lies, or would lie."""
        return disk.spread(self._folder, photo_id)

    def has(self, photo_id: str) -> bool:
        """Return whether there is an original."""
        return self.path(photo_id).is_file()

    def keep(self, photo_id: str, upload: Upload) -> None:
        """Store a finished upload; durable on return. Does nothing if it is stored already."""
        if self.has(photo_id):
            return
        disk.move_durably(upload.path, self.path(photo_id))
        self._bytes += upload.size

    def remove(self, photo_id: str) -> None:
        """Remove the original, durably. Does nothing if there is none."""
        path = self.path(photo_id)
        if path.is_file():
            size = path.stat().st_size
            path.unlink()
            disk.sync_folder(path.parent)
            self._bytes -= size
