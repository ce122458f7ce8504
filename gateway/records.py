"""The catalogue for an import: asked patiently, for the index may be starting again."""

from common import errors
from gateway.keeping import Trash, in_trash
from gateway.patience import Patience
from gateway.services import Catalogue, Update


async def knows(catalogue: Catalogue, photo_id: str) -> bool:
    """Return whether the catalogue has the photo. Raises Unavailable."""
    (entry,) = await catalogue.entries([photo_id], samples=False)
    if isinstance(entry, errors.NotFound):
        return False
    if isinstance(entry, errors.SemapixError):
        raise entry
    return True


class PatientRecords:
    """What an import needs of the catalogue; waits while the index is away."""

    def __init__(self, catalogue: Catalogue, patience: Patience, *, trash: Trash) -> None:
        self._catalogue, self._patience, self._trash = catalogue, patience, trash

    async def knows(self, photo_id: str) -> bool:
        """Return whether the catalogue has the photo. Raises Unavailable after the patience."""
        return await self._patience.until_done(lambda: knows(self._catalogue, photo_id))

    async def brought_back(self, photo_id: str) -> bool:
        """Bring the photo back if it is in the trash; return whether it was."""
        trash = self._trash
        if not await self._patience.until_done(lambda: in_trash(trash, photo_id)):
            return False
        (error,) = await self._patience.until_done(lambda: trash.untrash([photo_id]))
        # One of another model is imported as if it had never been there.
        return error is None

    async def put(self, update: Update, *, fingerprint: str) -> None:
        """Commit. Putting twice is harmless, so an answer that got lost may be asked for again."""
        await self._patience.until_done(
            lambda: self._catalogue.put(update, fingerprint=fingerprint)
        )
