"""Which files an import means."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

EXTENSIONS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".tif", ".tiff"),
    *(".gif", ".bmp", ".heic", ".heif", ".hif", ".avif"),
)


def photo_files(
    paths: Sequence[Path], *, on_unreadable: Callable[[OSError], None]
) -> Iterator[Path]:
    """Yield the files among `paths` as they are, and the pictures in folders, sorted by name.

    Within folders hidden files and folders, and names without a picture's extension, are left out;
    links to files are followed, links to folders are not. A folder that cannot be read is passed
    to `on_unreadable`.
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
            if _is_picture_name(name) and path.is_file():
                yield path


def _is_picture_name(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in EXTENSIONS
