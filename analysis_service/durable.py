"""Files that are whole or absent, whatever happens when."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_durably(path: Path, pieces: Iterable[str], *, draft: Path | None = None) -> None:
    """Write `pieces` as UTF-8 in place of what was there; durable on return.

    `draft` is where it stands until it is whole, on the same disk; by default beside `path`.
    """
    draft = draft or path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
