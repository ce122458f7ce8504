"""The photos of the library and their files, for those who want to look at them."""

from collections.abc import AsyncIterator

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
    """Yield the bytes that were imported, in pieces. Raises NotFound, DataLoss.

    A photo in the trash is not found.
    """
    if not await records.knows(catalogue, photo_id):
        raise errors.NotFound(f"there is no photo {photo_id}")
    try:
        async for chunk in stored(files, photo_id):
            yield chunk
    except FileNotFoundError:
        raise await missing_original(catalogue, photo_id) from None


async def stored(files: Files, photo_id: str) -> AsyncIterator[bytes]:
    """Yield the bytes of an original in pieces. Raises FileNotFoundError, DataLoss."""
    await steps.whole(files.originals.check, photo_id)
    with await steps.whole(files.originals.path(photo_id).open, "rb") as file:
        while chunk := await steps.whole(file.read, CHUNK_BYTES):
            yield chunk


async def thumbnail(
    files: Files, catalogue: Catalogue, photo_id: str, *, size_px: int
) -> AsyncIterator[bytes]:
    """Yield a small JPEG in pieces. Raises NotFound, DataLoss."""
    try:
        jpeg = await files.thumbnails.jpeg(
            photo_id, size_px, made_for=lambda one: records.knows(catalogue, one)
        )
    except FileNotFoundError:
        raise await missing_original(catalogue, photo_id) from None
    except images.BadImage as error:
        raise errors.DataLoss(f"the original of photo {photo_id} is damaged: {error}") from error
    for at in range(0, len(jpeg), CHUNK_BYTES):
        yield jpeg[at : at + CHUNK_BYTES]
