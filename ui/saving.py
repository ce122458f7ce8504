"""Files written whole or not at all."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePath

from common.samples import PhotoFacts
from ui import console


def file_name(facts: PhotoFacts) -> str:
    """Return a plain file name for a photo; where it came from is a stranger's word."""
    name = PurePath(facts.sources[0].replace("\\", "/")).name if facts.sources else ""
    name = console.clean(name).lstrip(".")
    return name or f"{facts.photo_id[:12]}.{facts.format.lower() or 'image'}"


def write_pieces(path: Path, pieces: Iterable[bytes], *, durably: bool = False) -> int:
    """Write `pieces` to `path`, replacing it in one step. Return the number of bytes.

    With `durably` they survive a power cut from then on.
    """
    size = 0
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".semapix-", delete=False) as draft:
        written = Path(draft.name)
        try:
            for piece in pieces:
                size += draft.write(piece)
            draft.flush()
            if durably:
                os.fsync(draft.fileno())
            draft.close()
            written.chmod(0o644)
            written.replace(path)
            if durably:
                _sync(path.parent)
        finally:
            written.unlink(missing_ok=True)
    return size


def _sync(folder: Path) -> None:
    """Return once the names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
