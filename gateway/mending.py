"""Repairs that lose nothing: another vector, the original from where it came, strays set aside."""

import logging
import sys
from pathlib import Path

from common import errors
from common.samples import WHOLE_PHOTO, Kind, PhotoFacts, Sample, Stage, StageRecord, sample_id
from gateway import disk, references
from gateway.embedding_queue import EmbeddingQueue
from gateway.files import Files
from gateway.services import Catalogue, Update
from gateway.spool import TooManyBytes

log = logging.getLogger(__name__)
PIECE_BYTES = 2**20


class Mending:
    """Repairs photos of one library; strays go to the folder `aside`."""

    def __init__(
        self, files: Files, catalogue: Catalogue, *, queue: EmbeddingQueue, aside: Path
    ) -> None:
        self._files, self._catalogue, self._queue = files, catalogue, queue
        self.aside = aside

    async def embed_again(self, photo_id: str) -> None:
        """Give a photo the vector of the whole photo again. Raises `SemapixError`, OSError."""
        async with self._files.claims.holding(photo_id):
            (entry,) = await self._catalogue.entries([photo_id], samples=False)
            if isinstance(entry, errors.SemapixError):
                raise entry
            await self._embedded(entry.facts)

    async def bring_back(self, facts: PhotoFacts) -> errors.SemapixError | None:
        """Put a photo of the trash, claimed by the caller, as a new one; return what went wrong.

        Objects and texts are looked for again in the background.
        """
        try:
            await self._embedded(facts)
        except errors.SemapixError as error:
            return error
        except OSError as error:
            return errors.DataLoss(f"the original of photo {facts.photo_id} is lost: {error}")
        return None

    async def _embedded(self, facts: PhotoFacts) -> None:
        photo_id = facts.photo_id
        original = self._files.originals.path(photo_id)
        prepared = await self._files.pictures.from_file(original)
        whole = await self._queue.embed(prepared.jpeg)
        own_id = sample_id(photo_id, Kind.PHOTO, WHOLE_PHOTO)
        samples = ((Sample(own_id, photo_id, Kind.PHOTO), whole.vector),)
        record = StageRecord(Stage.WHOLE, whole.encoder.model)
        update = Update(facts, record, samples, second=whole.made(own_id))
        await self._catalogue.put(update, fingerprint=whole.encoder.fingerprint)

    def fetch_again(self, facts: PhotoFacts) -> bool:
        """Take the original from where it was imported from; return whether it was there."""
        return any(self._fetched(Path(source), facts.photo_id) for source in facts.sources)

    def _fetched(self, source: Path, photo_id: str) -> bool:
        original = self._files.originals.own(photo_id)
        if not source.is_absolute() or source == original:
            return False
        upload = self._files.spool.receive()
        try:
            with source.open("rb") as file:
                while piece := file.read(PIECE_BYTES):
                    upload.add(piece)
            if upload.finish() != photo_id:
                return False
            if original.exists():
                self.set_aside(original)
            self._files.originals.keep(photo_id, upload)
        except (OSError, TooManyBytes) as error:
            log.info("%s is not taken again: %s", source, error)
            return False
        finally:
            upload.discard()
        return True

    def refer_again(self, photo_id: str) -> bool:
        """Note size and date of an original outside the library anew; return whether it is it."""
        noted = self._files.originals.reference(photo_id)
        if noted is None:
            return False
        try:
            found, reference = references.hashed(noted.path, limit=sys.maxsize)
        except (OSError, errors.InvalidInput) as error:
            log.info("%s is not referred to again: %s", noted.path, error)
            return False
        if found == photo_id:
            self._files.originals.refer(photo_id, reference)
        return found == photo_id

    def set_aside(self, path: Path) -> bool:
        """Move a file out of the way, beside others of its name. Raises OSError."""
        disk.make_folder(self.aside)
        disk.move_durably(path, self.aside / f"{path.name}.{disk.sha256(path)[:12]}")
        return True
