"""Weight files: found or not, and told apart."""

import hashlib
from pathlib import Path


def fingerprint(*paths: Path) -> str:
    """Return the SHA-256 over the bytes of the files, hex. Raises FileNotFoundError."""
    digest = hashlib.sha256()
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"no weights at {path}: give the path of an existing file")
        with path.open("rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()
