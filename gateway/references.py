"""Originals that stay where they lie: their path, and how to tell that they are still the same."""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from common import errors
from gateway import disk

log = logging.getLogger(__name__)
CHUNK_BYTES = 2**20
# Seconds that writing so small a file never takes.
DRAFT_S = 10.0


@dataclass(frozen=True, slots=True)
class Reference:
    """A file as it was when it was imported; `modified_ns` since 1970."""

    path: Path
    size: int
    modified_ns: int

    def discard(self) -> None:
        """Do nothing: the file is not ours."""

    def check(self) -> None:
        """Raise DataLoss if the file is gone, cannot be read, or is another by now."""
        try:
            found = self.path.stat()
        except OSError as error:
            why = error.strerror or str(error)
            raise errors.DataLoss(f"the original {self.path} is missing: {why}") from error
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified_ns):
            raise errors.DataLoss(
                f"the original {self.path} has changed since it was imported: import it again"
            )


def hashed(path: Path, *, limit: int) -> tuple[str, Reference]:
    """Return the photo id of a file, and what it is referred to by.

    Raises OSError if it cannot be read, InvalidInput if it is too large or grows meanwhile.
    """
    digest, before = hashlib.sha256(), path.stat()
    if before.st_size > limit:
        raise errors.InvalidInput("path", f"it has more than {limit:,} bytes")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise errors.InvalidInput("path", "it changes while it is read")
    return digest.hexdigest(), Reference(path, after.st_size, after.st_mtime_ns)


class References:
    """Files <folder>/ab/cd/<photo id>, each naming an original outside the library."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        disk.make_folder(folder)

    def drop_drafts(self) -> None:
        """Remove what was being written when a gateway died, and nothing that one writes now."""
        for path in self.strangers(older_than_s=DRAFT_S):
            if path.name.startswith("."):
                path.unlink(missing_ok=True)

    def strangers(self, *, older_than_s: float) -> list[Path]:
        """Return the files here that bear no id of a photo; see disk.strangers."""
        return disk.strangers(self._folder, older_than_s=older_than_s)

    def paths(self) -> list[Path]:
        """Return every file there is."""
        return disk.photo_files(self._folder)

    def find(self, photo_id: str) -> Reference | None:
        """Return what the photo refers to, None without a reference that can be read."""
        path = disk.spread(self._folder, photo_id)
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            return Reference(Path(stored["path"]), stored["size"], stored["modified_ns"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            log.warning("%s cannot be read: %r", path, error)
            return None

    def keep(self, photo_id: str, reference: Reference) -> None:
        """Store a reference; durable on return."""
        stored = asdict(reference) | {"path": str(reference.path)}
        disk.write_durably(disk.spread(self._folder, photo_id), json.dumps(stored).encode())

    def remove(self, photo_id: str) -> None:
        """Forget the reference; the file it names is not touched."""
        disk.spread(self._folder, photo_id).unlink(missing_ok=True)
