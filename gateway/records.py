"""The catalogue for an import: asked patiently, for the index may be starting again."""

from common import errors
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

    def __init__(self, catalogue: Catalogue, patience: Patience) -> None:
        self._catalogue, self._patience = catalogue, patience

    async def knows(self, photo_id: str) -> bool:
        """Return whether the catalogue has the photo. Raises Unavailable after the patience."""
        return await self._patience.until_done(lambda: knows(self._catalogue, photo_id))

    async def put(self, update: Update, *, fingerprint: str) -> None:
        """Commit. Putting twice is harmless, so an answer that got lost may be asked for again."""
        await self._patience.until_done(
            lambda: self._catalogue.put(update, fingerprint=fingerprint)
        )
