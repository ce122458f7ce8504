"""Puts together what imports photos, and what answers for imports."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from gateway.admission import Admission
from gateway.archives import ArchiveLimits
from gateway.embedding_queue import EmbeddingQueue
from gateway.files import Files
from gateway.flow import Flow
from gateway.importing import Importer
from gateway.imports import Imports
from gateway.journal import Journal
from gateway.ledger_client import LedgerClient
from gateway.models import ModelCheck
from gateway.patience import Patience
from gateway.records import PatientRecords
from gateway.reindexing import Reindexing
from gateway.rejected import Rejected
from gateway.runs import Runs
from gateway.servicer_imports import Desk
from gateway.services import Detector
from gateway.settings import Settings
from gateway.stages import Background


@dataclass(frozen=True, slots=True)
class Parts:
    """What the import side is made of."""

    files: Files
    ledger: LedgerClient
    records: PatientRecords
    patience: Patience
    queue: EmbeddingQueue
    flow: Flow
    background: Background
    detector: Detector
    check: ModelCheck


@contextlib.asynccontextmanager
async def desk(settings: Settings, parts: Parts) -> AsyncIterator[Desk]:
    """Yield what answers for imports; it works until the block ends."""
    ledger, files = parts.ledger, parts.files
    runs = Runs(ledger, parts.patience)
    journal = Journal(ledger, parts.patience)
    admission = Admission(
        files, parts.records, queue=parts.queue, journal=journal, added=parts.background.wake
    )
    importer = Importer(
        files.spool,
        admission,
        parts.flow,
        most_bytes=settings.photo_bytes,
        limits=ArchiveLimits(
            settings.archive_entries,
            settings.archive_unpacked_bytes,
            settings.archive_ratio,
            settings.archive_depth,
        ),
    )
    made = Desk(
        imports=Imports(
            runs,
            ledger,
            files.originals,
            folder=settings.folder,
            spare_bytes=settings.spare_bytes,
        ),
        importer=importer,
        rejected=Rejected(ledger, files, importer, runs),
        reindexing=Reindexing(ledger, parts.detector, start=parts.background.start_over),
        check=parts.check,
    )
    async with parts.queue.running(), journal.running():
        tidying = asyncio.create_task(runs.keep_tidy())
        try:
            yield made
        finally:
            tidying.cancel()
            await asyncio.gather(tidying, return_exceptions=True)
            await importer.close()
