"""Everything on disk that belongs to a photo, with the locks and notes that keep it consistent."""

from dataclasses import dataclass
from pathlib import Path

from common import images
from gateway.claims import Claims
from gateway.keeping import Trouble
from gateway.originals import Originals
from gateway.pictures import Pictures
from gateway.quarantine import Quarantine
from gateway.references import Reference, References
from gateway.settings import Settings
from gateway.spool import Spool, Upload
from gateway.thumbnails import Thumbnails

# Seconds after which a file that bears no photo's id is a stray: drafts are gone by then.
STRAY_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Files:
    """Originals, thumbnails and uploads of one library."""

    spool: Spool
    originals: Originals
    references: References
    thumbnails: Thumbnails
    pictures: Pictures
    claims: Claims
    quarantine: Quarantine

    def keep(self, photo_id: str, upload: Upload | Reference) -> None:
        """Store the original, noted as unsettled until its row is committed; durable on return."""
        self.spool.note(photo_id)
        self.keep_original(photo_id, upload)

    def keep_original(self, photo_id: str, upload: Upload | Reference) -> None:
        """Store the original of a photo that has its row; durable on return."""
        if isinstance(upload, Reference):
            self.originals.refer(photo_id, upload)
        else:
            self.originals.keep(photo_id, upload)

    def stored(self) -> list[tuple[Trouble, Path]]:
        """Return all that is stored by the id of a photo, with what it is without its photo."""
        found = {
            Trouble.ORPHAN_ORIGINAL: self.originals.paths(),
            Trouble.ORPHAN_REFERENCE: self.references.paths(),
            Trouble.ORPHAN_THUMBNAIL: self.thumbnails.folders(),
        }
        return [(trouble, path) for trouble, paths in found.items() for path in paths]

    def strangers(self) -> list[Path]:
        """Return files among all these that bear no id of a photo, but for those just written."""
        parts = (self.originals, self.references, self.thumbnails)
        return [path for part in parts for path in part.strangers(older_than_s=STRAY_AFTER_S)]

    def remove(self, photo_id: str) -> None:
        """Remove original and thumbnails, and drop the note."""
        self.originals.remove(photo_id)
        self.thumbnails.remove(photo_id)
        self.spool.settled(photo_id)


def opened(settings: Settings) -> Files:
    """Return the files below the folder of the library; makes what is missing."""
    limits = images.Limits(settings.photo_bytes, settings.photo_pixels)
    pictures = Pictures(
        limits,
        at_once=settings.decoders,
        most_s=settings.decode_s,
        memory_bytes=settings.decoder_bytes,
    )
    references = References(settings.folder / "references")
    originals = Originals(settings.folder / "originals", references)
    return Files(
        spool=Spool(
            settings.folder / "spool",
            limit=settings.photo_bytes,
            archive_limit=settings.archive_bytes,
        ),
        originals=originals,
        references=references,
        thumbnails=Thumbnails(settings.folder / "thumbnails", originals, pictures),
        pictures=pictures,
        claims=Claims(),
        quarantine=Quarantine(settings.folder / "quarantine", most_bytes=settings.quarantine_bytes),
    )
