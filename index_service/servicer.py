"""IndexService: messages in, domain calls, messages out."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc

from common import errors, statuses
from common.batching import Batcher
from index_service import checks, codec, listing, reading, search_codec
from index_service.changes import Change, Outcome
from index_service.library import Library
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from semapix.v1 import types_pb2 as types

NAME = "semapix.v1.IndexService"
MAX_PUT = 256
MAX_IDS = 1_000
STREAM_CHUNK = 256


class IndexServicer(rpc.IndexServiceServicer):
    """Answers for one library; changes go through `writing`, one after another."""

    def __init__(self, library: Library, writing: Batcher[Change, Outcome]) -> None:
        self._library, self._writing = library, writing

    def register(self, server: grpc.aio.Server) -> None:
        """Answer on `server`."""
        rpc.add_IndexServiceServicer_to_server(self, server)

    async def PutPhotos(self, request: pb.PutPhotosRequest, context: Any) -> pb.PutPhotosResponse:
        codec.counted(request.photos, "photos", most=MAX_PUT)
        outcomes = await self.applied(await asyncio.to_thread(codec.puts_from, request))
        results = [
            pb.PutResult(status=statuses.item(outcome.error), created=outcome.created)
            for outcome in outcomes
        ]
        return pb.PutPhotosResponse(results=results, revision=self._after(outcomes))

    async def DeletePhotos(
        self, request: pb.DeletePhotosRequest, context: Any
    ) -> pb.DeletePhotosResponse:
        codec.counted(request.photo_ids, "photo_ids", most=MAX_IDS)
        outcomes = await self.applied(codec.deletes_from(request.photo_ids))
        return pb.DeletePhotosResponse(
            statuses=[statuses.item(outcome.error) for outcome in outcomes],
            revision=self._after(outcomes),
        )

    async def BatchGetEntries(
        self, request: pb.BatchGetEntriesRequest, context: Any
    ) -> pb.BatchGetEntriesResponse:
        codec.counted(request.photo_ids, "photo_ids", most=MAX_IDS)
        return await asyncio.to_thread(self._entries, request)

    async def ListEntries(
        self, request: pb.ListEntriesRequest, context: Any
    ) -> pb.ListEntriesResponse:
        return await asyncio.to_thread(self._page, codec.listing_from(request))

    async def SearchVectors(
        self, request: pb.SearchVectorsRequest, context: Any
    ) -> pb.SearchVectorsResponse:
        return await asyncio.to_thread(self._search, request, time.perf_counter())

    async def GetStats(self, request: pb.GetStatsRequest, context: Any) -> pb.GetStatsResponse:
        return await asyncio.to_thread(self._stats, codec.marks_from(request))

    async def StreamVectors(
        self, request: pb.StreamVectorsRequest, context: Any
    ) -> AsyncIterator[pb.StreamVectorsResponse]:
        kinds = codec.kinds_from(request.kinds)
        stream = await asyncio.to_thread(self._library.streamed, kinds, chunk=STREAM_CHUNK)
        try:
            while (chunk := await asyncio.to_thread(stream.next)) is not None:
                yield codec.chunk_to(chunk, stream)
        finally:
            await asyncio.to_thread(stream.close)

    async def applied(self, changes: Sequence[Change | Outcome]) -> list[Outcome]:
        """Return how each fared, as `outcomes`. Raises Mismatch where one is of another model."""
        outcomes = await self.outcomes(changes)
        for outcome in outcomes:
            if isinstance(outcome.error, errors.Mismatch):
                raise outcome.error
        return outcomes

    async def outcomes(self, changes: Sequence[Change | Outcome]) -> list[Outcome]:
        """Return how each fared, those included that are outcomes already."""
        valid = [change for change in changes if not isinstance(change, Outcome)]
        applied = iter((await self._writing.submit(valid)).results if valid else [])
        return [c if isinstance(c, Outcome) else next(applied) for c in changes]

    def _after(self, outcomes: Sequence[Outcome]) -> int:
        """Return the revision after the last of `outcomes`; those refused unseen have none."""
        seen = max(outcome.revision for outcome in outcomes)
        return seen or self._library.view.meta.revision

    def _entries(self, request: pb.BatchGetEntriesRequest) -> pb.BatchGetEntriesResponse:
        with self._library.reading() as connection:
            found = reading.entries(
                connection, list(request.photo_ids), with_samples=not request.omit_samples
            )
        results = [codec.entry_result_to(found, photo_id) for photo_id in request.photo_ids]
        return pb.BatchGetEntriesResponse(results=results)

    def _page(self, wanted: listing.Listing) -> pb.ListEntriesResponse:
        with self._library.reading() as connection:
            page = listing.page(connection, wanted)
        entries = [codec.entry_to(entry) for entry in page.entries]
        return pb.ListEntriesResponse(
            entries=entries, next_page_token=page.next_token, total=page.total
        )

    def _search(
        self, request: pb.SearchVectorsRequest, asked_at: float
    ) -> pb.SearchVectorsResponse:
        started = time.perf_counter()
        view = self._library.view
        if request.query:
            _check_fingerprint(request.fingerprint, view.meta.fingerprint)
        excluded = self._library.numbers_of(search_codec.excluded_from(request))
        search = search_codec.search_from(request, dimension=view.meta.dimension, excluded=excluded)
        found = self._library.found(view, search)
        timing = types.Timing(
            queue_ms=1e3 * (started - asked_at),
            compute_ms=1e3 * (time.perf_counter() - started),
        )
        return search_codec.found_to(found, revision=view.meta.revision, timing=timing)

    def _stats(self, marks: Sequence[int]) -> pb.GetStatsResponse:
        with self._library.reading() as connection:
            stats = listing.stats(connection, marks)
        return codec.stats_to(stats, disk_bytes=self._library.disk_bytes())


def _check_fingerprint(asked: str, own: str) -> None:
    if not asked:
        raise errors.InvalidInput("fingerprint", "is empty: name that of the query's model")
    if own and asked != own:
        raise checks.mismatch(asked, own)
