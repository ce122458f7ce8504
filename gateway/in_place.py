"""Photos that stay where they lie, on the machine of the gateway."""

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

from common import errors
from common.imports import Outcome
from common.samples import Reason
from gateway import references, steps
from gateway.receiving import Imported, Received
from gateway.unpacking import Found, form_in_file


async def found(
    paths: AsyncIterator[Path], *, photo_bytes: int, archive_bytes: int
) -> AsyncGenerator[Found]:
    """Yield each file as a photo, or why it cannot be one; both may have that many bytes."""
    item = 0
    async for path in paths:
        yield await steps.whole(_referred, path, item, most=(photo_bytes, archive_bytes))
        item += 1


def _referred(path: Path, item: int, *, most: tuple[int, int]) -> Found:
    source = str(path)
    try:
        photo_id, reference = _hashed(path, most=most)
    except OSError as error:
        why = f"the gateway cannot read it: {error.strerror or error}"
        return Imported(item, source, Outcome.REJECTED, reason=Reason.INCOMPLETE, message=why)
    except errors.InvalidInput as error:
        why = error.complaint
        return Imported(item, source, Outcome.REJECTED, reason=Reason.TOO_LARGE, message=why)
    if not reference.size:
        why = "it has no bytes"
        return Imported(item, source, Outcome.REJECTED, reason=Reason.EMPTY, message=why)
    return Received(item, source, photo_id, reference)


def _hashed(path: Path, *, most: tuple[int, int]) -> tuple[str, references.Reference]:
    if not path.is_absolute():
        raise OSError(0, "its path is not absolute")
    if not path.is_file():
        raise OSError(0, "not a file" if path.exists() else "no such file")
    return references.hashed(path, limit=most[form_in_file(path) is not None])
