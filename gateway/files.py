"""Everything on disk that belongs to a photo, with the locks and notes that keep it consistent."""

from dataclasses import dataclass

from common import images
from gateway.claims import Claims
from gateway.originals import Originals
from gateway.pictures import Pictures
from gateway.settings import Settings
from gateway.spool import Spool, Upload
from gateway.thumbnails import Thumbnails


@dataclass(frozen=True, slots=True)
class Files:
    """Originals, thumbnails and uploads of one library."""

    spool: Spool
    originals: Originals
    thumbnails: Thumbnails
    pictures: Pictures
    claims: Claims

    def keep(self, photo_id: str, upload: Upload) -> None:
        """Store the original, noted as unsettled until its row is committed; durable on return."""
        self.spool.note(photo_id)
        self.originals.keep(photo_id, upload)

    def remove(self, photo_id: str) -> None:
        """Remove original and thumbnails, and drop the note."""
        self.originals.remove(photo_id)
        self.thumbnails.remove(photo_id)
        self.spool.settled(photo_id)


def opened(settings: Settings) -> Files:
    """Return the files below the folder of the library; makes what is missing."""
    limits = images.Limits(settings.photo_bytes, settings.photo_pixels)
    pictures = Pictures(limits, at_once=settings.decoders, most_s=settings.decode_s)
    originals = Originals(settings.folder / "originals")
    return Files(
        spool=Spool(settings.folder / "spool", limit=settings.photo_bytes),
        originals=originals,
        thumbnails=Thumbnails(settings.folder / "thumbnails", originals, pictures),
        pictures=pictures,
        claims=Claims(),
    )
