"""Which files an import means."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from common import picture_names


def photo_files(
    paths: Sequence[Path], *, on_unreadable: Callable[[OSError], None]
) -> Iterator[Path]:
    """Yield the files among `paths` as they are; pictures and archives in folders, sorted by name.

    Within folders hidden files and folders, and names that promise neither, are left out; links to
    files are followed, links to folders are not. A folder that cannot be read is passed to
    `on_unreadable`.
    """
    for path in paths:
        if path.is_dir():
            yield from _pictures_in(path, on_unreadable)
        else:
            yield path


def _pictures_in(folder: Path, on_unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=on_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            meant = picture_names.is_picture(name) or picture_names.is_archive(name)
            if meant and path.is_file():
                yield path
