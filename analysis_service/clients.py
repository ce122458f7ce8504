"""The index as a source of vectors."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import cast

import grpc
import numpy as np

from analysis_service.analyses import LibraryState
from analysis_service.source import VectorBatch
from analysis_service.staleness import Look
from common import clients, codec, errors, statuses, vectors
from common.samples import Kind, PhotoFacts
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc

STATE_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 600.0


class IndexClient:
    """Reads one library through index_service; satisfies `VectorSource`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = cast("rpc.IndexServiceAsyncStub", rpc.IndexServiceStub(channel))

    async def look(self, marks: Sequence[int]) -> Look:
        """Return the library as it is now, and what came after each mark. Raises Unavailable."""
        request = pb.GetStatsRequest(marks=marks)
        stats = await clients.call(self._stub.GetStats(request, timeout=STATE_TIMEOUT_S))
        since = zip(marks, stats.since, strict=True)
        return Look(
            LibraryState(stats.revision, stats.fingerprint),
            _counts(stats.samples),
            {mark: _counts(one.samples) for mark, one in since},
        )

    async def photos(self, photo_ids: Sequence[str]) -> list[PhotoFacts | None]:
        """Return the facts of at most 1,000 photos, in this order; None for one that is gone."""
        request = pb.BatchGetEntriesRequest(photo_ids=photo_ids, omit_samples=True)
        answer = await clients.call(self._stub.BatchGetEntries(request, timeout=READ_TIMEOUT_S))
        return [_facts(result) for result in answer.results]

    async def read(self, kinds: Sequence[Kind]) -> AsyncIterator[VectorBatch]:
        """Yield the samples of `kinds` in the order of their ids, all of one state."""
        request = pb.StreamVectorsRequest(kinds=[int(kind) for kind in kinds])  # type: ignore[misc]
        async for message in clients.stream(
            self._stub.StreamVectors(request, timeout=READ_TIMEOUT_S)
        ):
            yield _batch(message)


def _counts(messages: Iterable[pb.KindCount]) -> dict[Kind, int]:
    return {codec.kind_from(one.kind): one.count for one in messages}


def _facts(result: pb.EntryResult) -> PhotoFacts | None:
    error = statuses.item_error(result.status)
    if isinstance(error, errors.NotFound):
        return None
    if error:
        raise error
    return codec.facts_from(result.entry.facts)


def _batch(message: pb.StreamVectorsResponse) -> VectorBatch:
    rows = [vectors.unpack(item.vector.values) for item in message.samples]
    return VectorBatch(
        tuple(codec.sample_from(item.sample) for item in message.samples),
        np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32),
        LibraryState(message.revision, message.fingerprint, message.mark),
        message.total,
    )
