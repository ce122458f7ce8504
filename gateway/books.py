"""What the index has written down of photos: in the library, in the trash, rejected."""

from dataclasses import dataclass

from gateway import records
from gateway.keeping import Trash, in_trash
from gateway.ledger import RejectedNames
from gateway.services import Catalogue


@dataclass(frozen=True, slots=True)
class Books:
    """All of it, for those who compare it with the files."""

    catalogue: Catalogue
    trash: Trash
    rejections: RejectedNames

    async def keep(self, photo_id: str) -> bool:
        """Return whether there is the photo, in the trash or not. Raises Unavailable."""
        known = await records.knows(self.catalogue, photo_id)
        return known or await in_trash(self.trash, photo_id)

    async def reject(self, photo_id: str) -> bool:
        """Return whether the photo is on the list of the rejected. Raises Unavailable."""
        return bool(await self.rejections.named([photo_id]))
