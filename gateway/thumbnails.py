"""Small upright JPEGs of the originals, made when first asked for."""

import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from gateway import disk, steps
from gateway.originals import Originals
from gateway.pictures import Pictures

log = logging.getLogger(__name__)
Allowed = Callable[[str], Awaitable[bool]]
SIZES_PX = (64, 160, 320, 640, 1024)


def rounded_up(size_px: int) -> int:
    """Return the least size that is made and not smaller than `size_px`."""
    return next((size for size in SIZES_PX if size >= size_px), SIZES_PX[-1])


class Thumbnails:
    """Files <folder>/ab/cd/<photo id>/<size>.jpg, a cache of what the originals can give again."""

    def __init__(self, folder: Path, originals: Originals, pictures: Pictures) -> None:
        self._folder, self._originals, self._pictures = folder, originals, pictures

    async def jpeg(self, photo_id: str, size_px: int, *, made_for: Allowed) -> bytes:
        """Return the thumbnail, its longest side the next size that is made.

        One is made only if `made_for` says that there is such a photo. Raises FileNotFoundError
        where there is none or no original, BadImage for one that cannot be decoded.
        """
        path = disk.spread(self._folder, photo_id) / f"{rounded_up(size_px)}.jpg"
        try:
            jpeg = await steps.whole(path.read_bytes)
        except FileNotFoundError:
            if not await made_for(photo_id):
                raise
            original = self.largest(photo_id) or self._originals.path(photo_id)
        else:
            # That of an original outside stays while its photo is in the trash.
            if self._originals.reference(photo_id) and not await made_for(photo_id):
                raise FileNotFoundError(path)
            return jpeg
        prepared = await self._pictures.from_file(original, long_side=rounded_up(size_px))
        await steps.whole(self._keep, photo_id, path, prepared.jpeg)
        if not await made_for(photo_id):  # it went into the trash while it was decoded
            await steps.whole(self.clear, photo_id)
        return prepared.jpeg

    def largest(self, photo_id: str) -> Path | None:
        """Return the file of the largest size if it was made: no original shows more of it."""
        path = disk.spread(self._folder, photo_id) / f"{SIZES_PX[-1]}.jpg"
        return path if path.is_file() else None

    def keep_largest(self, photo_id: str, jpeg: bytes) -> None:
        """Store the largest size, for the day when the original cannot be read."""
        disk.write_durably(disk.spread(self._folder, photo_id) / f"{SIZES_PX[-1]}.jpg", jpeg)

    def _keep(self, photo_id: str, path: Path, jpeg: bytes) -> None:
        try:
            disk.write_durably(path, jpeg)
        except OSError as error:  # the disk may be full: it is shown all the same
            log.warning("a thumbnail is made again next time: %s", error)
        if not self._originals.has(photo_id):  # removed while it was decoded
            self.remove(photo_id)

    def strangers(self, *, older_than_s: float) -> list[Path]:
        """Return the files here that bear no id of a photo; see disk.strangers."""
        return disk.strangers(self._folder, older_than_s=older_than_s)

    def folders(self) -> list[Path]:
        """Return the folder of every photo that has thumbnails."""
        return disk.photo_files(self._folder)

    def clear(self, photo_id: str) -> None:
        """Remove what can be made again: of an original outside the largest size stays."""
        if self._originals.reference(photo_id) is None:
            self.remove(photo_id)
            return
        for path in disk.spread(self._folder, photo_id).glob("*"):
            if path != self.largest(photo_id):
                path.unlink(missing_ok=True)

    def remove(self, photo_id: str) -> None:
        """Remove all sizes."""
        folder = disk.spread(self._folder, photo_id)
        for path in folder.glob("*"):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # one that is being written is removed by its writer
            folder.rmdir()
