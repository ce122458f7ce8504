"""Which names of files promise a picture or an archive, for all who look through folders."""

import os

PICTURES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".tif", ".tiff"),
    *(".gif", ".bmp", ".heic", ".heif", ".hif", ".avif"),
)
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".txz", ".tar.xz", ".tbz2", ".tar.bz2")


def is_picture(name: str) -> bool:
    """Return whether a file of that name should be a picture; a hidden one is none."""
    return not _hidden(name) and name.lower().endswith(PICTURES)


def is_archive(name: str) -> bool:
    """Return whether a file of that name should be an archive; a hidden one is none."""
    return not _hidden(name) and name.lower().endswith(ARCHIVES)


def _hidden(name: str) -> bool:
    return os.path.basename(name).startswith(".")
