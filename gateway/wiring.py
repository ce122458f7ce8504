"""Puts the gateway together: services behind it, files, the import, the background."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from importlib import metadata
from typing import Any

from common.server import Register
from gateway import (
    files,
    lacking,
    removing,
    servicer,
    servicer_analysis,
    servicer_housekeeping,
    servicer_imports,
    servicer_reembedding,
    vocabulary,
    weights,
    wiring_imports,
)
from gateway.analyses_client import AnalysesClient
from gateway.books import Books
from gateway.calls import Service
from gateway.checking import Checker
from gateway.clearing import Clearing
from gateway.cluster_names import ClusterNames
from gateway.describing import Describer
from gateway.detector_client import DetectorClient
from gateway.embedder_client import EmbedderClient
from gateway.embedding_queue import EmbeddingQueue
from gateway.encoding import Encoding
from gateway.flow import Flow
from gateway.index_client import IndexClient
from gateway.keeping_client import KeepingClient
from gateway.ledger_client import LedgerClient
from gateway.mending import Mending
from gateway.models import Encoders, ModelCheck
from gateway.patience import Patience
from gateway.records import PatientRecords
from gateway.reembedding import Reembedding
from gateway.regions import Rules
from gateway.reporting import Reporter, Work
from gateway.searching import Searcher
from gateway.second_vectors import SecondVectors
from gateway.servicer_reembedding import ReembeddingServicer
from gateway.sets_client import SetsClient
from gateway.settings import Settings
from gateway.settling import Settler
from gateway.stages import Background, Pace
from gateway.switching import EmbedderSwitch

log = logging.getLogger(__name__)
NAMES = (
    servicer.NAME,
    servicer_analysis.NAME,
    servicer_housekeeping.NAME,
    servicer_imports.NAME,
    servicer_reembedding.NAME,
)
# Files that belonged to no photo when a check repaired the library.
ORPHANS = "orphans"


class _Behind:
    """The services behind the gateway."""

    def __init__(self, settings: Settings) -> None:
        self.services = {
            name: Service(name, getattr(settings, name))
            for name in ("embedder", "detector", "index", "analysis")
        }
        self.detector = DetectorClient(self.services["detector"])
        self.index = IndexClient(self.services["index"])
        self.keeping = KeepingClient(self.services["index"])
        self.ledger = LedgerClient(self.services["index"])
        self.sets = SetsClient(self.services["index"])
        own = EmbedderClient(self.services["embedder"])
        connect = functools.partial(Service, "embedder")
        self.embedder = EmbedderSwitch(own, self.sets, lambda at: EmbedderClient(connect(at)))
        self.books = Books(self.index, self.keeping, self.ledger)
        self.encoding = Encoding(self.embedder, self.embedder)
        self.check = ModelCheck(self.encoding, self.index)
        self.encoders = Encoders(self.encoding, self.check, SecondVectors())

    async def close(self) -> None:
        """End the connections."""
        await self.embedder.close()
        for service in self.services.values():
            await service.close()


@contextlib.asynccontextmanager
async def wired(settings: Settings) -> AsyncIterator[Register]:
    """Yield what registers the rpcs; imports and the background work until the block ends.

    Raises ValueError for weights that cannot be read, OSError for a folder that cannot be written.
    """
    defaults = weights.Defaults(
        weights.parsed(settings.text_query_weights, "gateway.text_query_weights"),
        weights.parsed(settings.picture_query_weights, "gateway.picture_query_weights"),
    )
    async with contextlib.AsyncExitStack() as stack:
        behind = _Behind(settings)
        stack.push_async_callback(behind.close)
        own = await asyncio.to_thread(files.opened, settings)
        stack.callback(own.spool.close)
        stack.push_async_callback(own.pictures.close)
        parts = _import_parts(settings, behind, own)
        desk = await stack.enter_async_context(wiring_imports.desk(settings, parts))
        anew = _reembedding(settings, behind, own, flow=parts.flow)
        house = servicer.House(
            files=own,
            catalogue=behind.index,
            trash=behind.keeping,
            importer=desk.importer,
            runs=desk.imports.runs,
            check=behind.check,
            searcher=Searcher(behind.encoding, behind.index, files=own, defaults=defaults),
            reporter=_reporter(behind, Work(parts.background.speeds, anew.notices)),
            version=metadata.version("semapix"),
        )
        for work in (parts.background.run(), anew.run(), *_keeping_house(settings, behind, own)):
            await stack.enter_async_context(_at_work(work))
        mending = Mending(own, behind.index, queue=parts.queue, aside=settings.folder / ORPHANS)
        register = _registered(house, behind, mending, desk)
        yield functools.partial(_register_all, (register, ReembeddingServicer(anew).register))


def _register_all(registers: Sequence[Register], server: Any) -> None:
    for register in registers:
        register(server)


def _import_parts(settings: Settings, behind: _Behind, own: files.Files) -> wiring_imports.Parts:
    flow, patience = Flow(settings.photos_in_flight), Patience(settings.patience_s)
    return wiring_imports.Parts(
        files=own,
        ledger=behind.ledger,
        records=PatientRecords(behind.index, patience, trash=behind.keeping),
        patience=patience,
        queue=_queue(settings, behind),
        flow=flow,
        background=_background(settings, behind, own, flow=flow),
        detector=behind.detector,
        check=behind.check,
    )


def _keeping_house(
    settings: Settings, behind: _Behind, own: files.Files
) -> tuple[Coroutine[None, None, None], ...]:
    return (
        Settler(own, behind.books).run(),
        removing.keep_emptying(own, behind.keeping, after_days=settings.trash_days),
    )


def _registered(
    house: servicer.House, behind: _Behind, mending: Mending, desk: servicer_imports.Desk
) -> Register:
    checker = Checker(house.files, behind.books, index=behind.keeping, mending=mending)
    analyses = AnalysesClient(behind.services["analysis"])
    clearing = Clearing(house.files, behind.books, rejected=desk.rejected, analyses=analyses)
    keeping = servicer_housekeeping.HousekeepingServicer(
        house.files, behind.keeping, checker=checker, clearing=clearing, mending=mending
    )
    gateway = servicer.GatewayServicer(house)
    names = ClusterNames(behind.encoding, vocabulary.labels())
    analysis = servicer_analysis.AnalysisForwarder(behind.services["analysis"], names)
    imports = servicer_imports.ImportServicer(desk)

    def register(server: Any) -> None:
        gateway.register(server)
        analysis.register(server)
        keeping.register(server)
        imports.register(server)

    return register


def _queue(settings: Settings, behind: _Behind) -> EmbeddingQueue:
    return EmbeddingQueue(
        behind.encoders,
        Patience(settings.patience_s),
        most=settings.embed_batch,
        calls=settings.embed_calls,
    )


def _background(settings: Settings, behind: _Behind, own: files.Files, *, flow: Flow) -> Background:
    rules = Rules(
        settings.min_share,
        settings.max_share,
        settings.min_confidence,
        settings.min_text_confidence,
        settings.words,
    )
    second = behind.encoders.second
    describer = Describer(own, behind.detector, behind.encoding, rules, second)
    return Background(
        describer,
        behind.index,
        check=behind.check,
        flow=flow,
        pace=Pace(settings.stage_photos, settings.stage_wait_s, settings.import_first),
    )


def _reembedding(
    settings: Settings, behind: _Behind, own: files.Files, *, flow: Flow
) -> Reembedding:
    pace = lacking.Pace(
        settings.embed_batch, settings.embed_calls, settings.import_first, settings.stage_wait_s
    )
    second, turn = behind.encoders.second, lacking.Turn(flow, pace)
    return Reembedding(behind.sets, behind.embedder, second, files=own, turn=turn)


def _reporter(behind: _Behind, work: Work) -> Reporter:
    return Reporter(
        [behind.embedder, *(one for one in behind.services.values() if one.name != "embedder")],
        behind.index,
        embedder=behind.embedder,
        detector=behind.detector,
        work=work,
    )


@contextlib.asynccontextmanager
async def _at_work(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run `work` beside the block, until the block ends."""
    task = asyncio.create_task(work)
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _tell(task: "asyncio.Task[None]") -> None:
    """Log what ended work that is not meant to end."""
    if not task.cancelled() and task.exception():
        log.error("work beside the rpcs has ended", exc_info=task.exception())
