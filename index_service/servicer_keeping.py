"""IndexKeepingService: the trash, the check and the snapshot, for the gateway."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import grpc

from common import statuses
from common.batching import Batcher
from common.samples import Stage
from common.server import Register
from index_service import (
    codec,
    keeping_codec,
    servicer,
    servicer_imports,
    servicer_sets,
    soundness,
    trash,
)
from index_service.changes import Change, Note, Outcome, Redo
from index_service.library import Library
from index_service.soundness import Finding, Looked
from semapix.v1 import index_keeping_pb2 as pb
from semapix.v1 import index_keeping_pb2_grpc as rpc

NAME = "semapix.v1.IndexKeepingService"
NAMES = (servicer.NAME, NAME, servicer_imports.NAME, servicer_sets.NAME)
MAX_IDS = 1_000
CHUNK_BYTES, CHUNK_IDS = 2**20, 10_000
Applied = Callable[[Sequence[Change | Outcome]], Awaitable[list[Outcome]]]


class IndexKeepingServicer(rpc.IndexKeepingServiceServicer):
    """Answers for one library; `applied` makes changes, one after another."""

    def __init__(self, library: Library, applied: Applied) -> None:
        self._library, self._applied = library, applied

    def register(self, server: grpc.aio.Server) -> None:
        """Answer on `server`."""
        rpc.add_IndexKeepingServiceServicer_to_server(self, server)

    async def TrashPhotos(
        self, request: pb.TrashPhotosRequest, context: Any
    ) -> pb.TrashPhotosResponse:
        codec.counted(request.photo_ids, "photo_ids", most=MAX_IDS)
        outcomes = await self._applied(keeping_codec.trashes_from(request.photo_ids))
        return pb.TrashPhotosResponse(statuses=[statuses.item(one.error) for one in outcomes])

    async def UntrashPhotos(
        self, request: pb.UntrashPhotosRequest, context: Any
    ) -> pb.UntrashPhotosResponse:
        codec.counted(request.photo_ids, "photo_ids", most=MAX_IDS)
        outcomes = await self._applied(keeping_codec.untrashes_from(request.photo_ids))
        return pb.UntrashPhotosResponse(statuses=[statuses.item(one.error) for one in outcomes])

    async def PurgePhotos(
        self, request: pb.PurgePhotosRequest, context: Any
    ) -> pb.PurgePhotosResponse:
        codec.counted(request.photo_ids, "photo_ids", most=MAX_IDS)
        outcomes = await self._applied(keeping_codec.purges_from(request.photo_ids))
        return pb.PurgePhotosResponse(statuses=[statuses.item(one.error) for one in outcomes])

    async def ListTrashed(
        self, request: pb.ListTrashedRequest, context: Any
    ) -> pb.ListTrashedResponse:
        return await asyncio.to_thread(self._listed, keeping_codec.wanted_from(request))

    async def CheckCatalogue(
        self, request: pb.CheckCatalogueRequest, context: Any
    ) -> AsyncIterator[pb.CheckCatalogueResponse]:
        looked = Looked(0, 0)
        with self._library.reading() as connection:
            reports = soundness.of_catalogue(connection)
            while report := await asyncio.to_thread(next, reports, None):
                looked = report
                yield pb.CheckCatalogueResponse(done=looked.done, total=looked.total)
                for finding in looked.findings:
                    mended = await self._mended(finding) if request.repair else finding
                    yield keeping_codec.finding_to(mended, looked)
        found = await asyncio.to_thread(self._library.memory_troubles, repair=request.repair)
        for finding in found:
            yield keeping_codec.finding_to(finding, looked)

    async def SnapshotCatalogue(
        self, request: pb.SnapshotCatalogueRequest, context: Any
    ) -> AsyncIterator[pb.SnapshotCatalogueResponse]:
        with contextlib.ExitStack() as stack:
            copy = await asyncio.to_thread(stack.enter_context, self._library.copied())
            file = stack.enter_context(copy.path.open("rb"))
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield pb.SnapshotCatalogueResponse(chunk=chunk, revision=copy.revision)
            for at in range(0, len(copy.photo_ids), CHUNK_IDS):
                some = copy.photo_ids[at : at + CHUNK_IDS]
                yield pb.SnapshotCatalogueResponse(photo_ids=some, revision=copy.revision)

    def _listed(self, wanted: trash.Wanted) -> pb.ListTrashedResponse:
        with self._library.reading() as connection:
            photos, after = trash.listed(connection, wanted)
            total = trash.count(connection)
        shown = [keeping_codec.trashed_to(photo) for photo in photos]
        return pb.ListTrashedResponse(photos=shown, next_page_token=after, total=total)

    async def _mended(self, finding: Finding) -> Finding:
        """Return the finding, lost rows swept, or its stage set up to be done again.

        The stage WHOLE is none of the background's.
        """
        if finding.table:
            await self._applied([Note(partial(soundness.sweep, table=finding.table))])
            return dataclasses.replace(finding, repaired=True)
        if finding.stage is None or finding.stage is Stage.WHOLE:
            return finding
        await self._applied([Redo(finding.photo_id, (finding.stage,))])
        return dataclasses.replace(finding, repaired=True)


def registered(library: Library, writing: Batcher[Change, Outcome]) -> Register:
    """Return what offers all rpcs of the index on a server."""
    index = servicer.IndexServicer(library, writing)
    keeping = IndexKeepingServicer(library, index.outcomes)
    imports = servicer_imports.ImportRecordsServicer(library, writing)
    sets = servicer_sets.VectorSetServicer(library, writing)

    def register(server: grpc.aio.Server) -> None:
        index.register(server)
        keeping.register(server)
        imports.register(server)
        sets.register(server)

    return register
