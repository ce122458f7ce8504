"""Bytes of rejected photos, kept for another try as long as they are few."""

import threading
from collections.abc import Callable
from pathlib import Path

from gateway import disk
from gateway.spool import Upload


class Quarantine:
    """Files <folder>/<photo id>, together at most `most_bytes`; what does not fit is not kept."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        disk.make_folder(folder)
        self._lock = threading.Lock()
        self._bytes = sum(path.stat().st_size for path in folder.iterdir())

    def path(self, photo_id: str) -> Path:
        """Return where the bytes lie, or would lie."""
        return self._folder / photo_id

    def paths(self) -> list[Path]:
        """Return every file there is."""
        return sorted(self._folder.iterdir())

    def has(self, photo_id: str) -> bool:
        """Return whether the bytes were kept."""
        return bool(photo_id) and self.path(photo_id).is_file()

    def keep(self, photo_id: str, upload: Upload) -> bool:
        """Keep the bytes of a finished upload, if there is room; return whether they are kept."""
        with self._lock:
            if self.has(photo_id):
                return True
            if self._bytes + upload.size > self._most_bytes:
                return False
            disk.move_durably(upload.path, self.path(photo_id))
            self._bytes += upload.size
            return True

    def give_away(self, path: Path, take: Callable[[Path], bool]) -> bool:
        """Let `take` move a file out of here; return what it returns."""
        with self._lock:
            size = path.stat().st_size
            taken = take(path)
            self._bytes -= size
        return taken

    def drop(self, photo_id: str) -> None:
        """Drop the bytes. Does nothing if there are none."""
        with self._lock:
            if self.has(photo_id):
                self._bytes -= self.path(photo_id).stat().st_size
                self.path(photo_id).unlink()
