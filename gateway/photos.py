"""The photos of the library and their files, for those who want to look at them."""

from collections.abc import AsyncIterator
from pathlib import Path

from common import errors, images
from gateway import records, steps
from gateway.files import Files
from gateway.services import Catalogue

CHUNK_BYTES = 2**20


async def missing_original(catalogue: Catalogue, photo_id: str) -> errors.SemapixError:
    """Return why there is no original: no such photo, or a photo that lost its file."""
    if await records.knows(catalogue, photo_id):
        return errors.DataLoss(f"the original of photo {photo_id} is missing: import it again")
    return errors.NotFound(f"there is no photo {photo_id}")


async def original(files: Files, catalogue: Catalogue, photo_id: str) -> AsyncIterator[bytes]:
    """Yield the bytes that were imported, in pieces. Raises NotFound, DataLoss."""
    path = files.originals.path(photo_id)
    try:
        async for chunk in _chunks(path):
            yield chunk
    except FileNotFoundError:
        raise await missing_original(catalogue, photo_id) from None


async def thumbnail(
    files: Files, catalogue: Catalogue, photo_id: str, *, size_px: int
) -> AsyncIterator[bytes]:
    """Yield a small JPEG in pieces. Raises NotFound, DataLoss."""
    try:
        path = await files.thumbnails.path(photo_id, size_px)
        async for chunk in _chunks(path):
            yield chunk
    except FileNotFoundError:
        raise await missing_original(catalogue, photo_id) from None
    except images.BadImage as error:
        raise errors.DataLoss(f"the original of photo {photo_id} is damaged: {error}") from error


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with await steps.whole(path.open, "rb") as file:
        while chunk := await steps.whole(file.read, CHUNK_BYTES):
            yield chunk
