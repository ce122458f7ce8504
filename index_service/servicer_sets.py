"""VectorSetService: a second set of vectors, from its beginning to the swap."""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import grpc

from common import errors, statuses, vector_sets_codec
from common.batching import Batcher
from index_service import sets_codec, vector_sets
from index_service.changes import Change, Note, Outcome, Swap
from index_service.library import Library
from semapix.v1 import vector_sets_pb2 as pb
from semapix.v1 import vector_sets_pb2_grpc as rpc

NAME = pb.DESCRIPTOR.services_by_name["VectorSetService"].full_name
T = TypeVar("T")


class VectorSetServicer(rpc.VectorSetServiceServicer):
    """Answers for one library; changes go through `writing`, one after another."""

    def __init__(self, library: Library, writing: Batcher[Change, Outcome]) -> None:
        self._library, self._writing = library, writing

    def register(self, server: grpc.aio.Server) -> None:
        """Answer on `server`."""
        rpc.add_VectorSetServiceServicer_to_server(self, server)

    async def GetVectorSets(
        self, request: pb.GetVectorSetsRequest, context: Any
    ) -> pb.GetVectorSetsResponse:
        return vector_sets_codec.sets_to(await self._read(vector_sets.sets))

    async def BeginVectorSet(
        self, request: pb.BeginVectorSetRequest, context: Any
    ) -> pb.BeginVectorSetResponse:
        wanted = sets_codec.set_from(request.set)
        folder = self._library.folder
        await self._written(partial(vector_sets.begin, wanted=wanted, folder=folder))
        second = (await self._read(vector_sets.sets)).second
        return pb.BeginVectorSetResponse(
            is_second=second is not None and second.fingerprint == wanted.fingerprint
        )

    async def ListLacking(
        self, request: pb.ListLackingRequest, context: Any
    ) -> pb.ListLackingResponse:
        fingerprint = sets_codec.fingerprint_from(request.fingerprint)
        size, after = sets_codec.page_from(request)
        found, after = await self._read(
            lambda connection: vector_sets.lacking(connection, fingerprint, size=size, after=after)
        )
        return sets_codec.page_to(found, after)

    async def AddVectors(
        self, request: pb.AddVectorsRequest, context: Any
    ) -> pb.AddVectorsResponse:
        fingerprint = sets_codec.fingerprint_from(request.fingerprint)
        made = await asyncio.to_thread(sets_codec.vectors_from, request)
        known = await self._written(partial(vector_sets.add, fingerprint=fingerprint, made=made))
        return pb.AddVectorsResponse(
            statuses=[
                statuses.item(None if own in known else errors.NotFound(f"no sample {own}"))
                for own in (one.sample_id for one in request.vectors)
            ]
        )

    async def SwapVectorSets(
        self, request: pb.SwapVectorSetsRequest, context: Any
    ) -> pb.SwapVectorSetsResponse:
        outcome = await self._applied(Swap(sets_codec.fingerprint_from(request.fingerprint)))
        return pb.SwapVectorSetsResponse(revision=outcome.revision)

    async def DropVectorSet(
        self, request: pb.DropVectorSetRequest, context: Any
    ) -> pb.DropVectorSetResponse:
        fingerprint = sets_codec.fingerprint_from(request.fingerprint)
        await self._written(partial(vector_sets.drop, fingerprint=fingerprint))
        return pb.DropVectorSetResponse()

    async def SweepVectors(
        self, request: pb.SweepVectorsRequest, context: Any
    ) -> pb.SweepVectorsResponse:
        return pb.SweepVectorsResponse(deleted=await self._written(vector_sets.sweep))

    async def _written(self, write: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `write` returned in a transaction of the writer's."""
        returned: list[T] = []
        await self._applied(Note(lambda connection: returned.append(write(connection))))
        return returned[-1]

    async def _applied(self, change: Change) -> Outcome:
        (outcome,) = (await self._writing.submit([change])).results
        if outcome.error:
            raise outcome.error
        return outcome

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._read_now, read)

    def _read_now(self, read: Callable[[sqlite3.Connection], T]) -> T:
        with self._library.reading() as connection:
            return read(connection)
