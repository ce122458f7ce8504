"""The index as a source of vectors."""

from collections.abc import AsyncIterator, Sequence
from typing import cast

import grpc
import numpy as np

from analysis_service.analyses import LibraryState
from analysis_service.source import VectorBatch
from common import clients, codec, vectors
from common.samples import Kind
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc

STATE_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 600.0


class IndexClient:
    """Reads one library through index_service; satisfies `VectorSource`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = cast("rpc.IndexServiceAsyncStub", rpc.IndexServiceStub(channel))

    async def state(self) -> LibraryState:
        """Return the state of the library now. Raises Unavailable."""
        call = self._stub.GetStats(pb.GetStatsRequest(), timeout=STATE_TIMEOUT_S)
        stats = await clients.call(call)
        return LibraryState(stats.revision, stats.fingerprint)

    async def read(self, kinds: Sequence[Kind]) -> AsyncIterator[VectorBatch]:
        """Yield the samples of `kinds` in the order of their ids, all of one state."""
        request = pb.StreamVectorsRequest(kinds=[int(kind) for kind in kinds])  # type: ignore[misc]
        async for message in clients.stream(
            self._stub.StreamVectors(request, timeout=READ_TIMEOUT_S)
        ):
            yield _batch(message)


def _batch(message: pb.StreamVectorsResponse) -> VectorBatch:
    rows = [vectors.unpack(item.vector.values) for item in message.samples]
    return VectorBatch(
        tuple(codec.sample_from(item.sample) for item in message.samples),
        np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32),
        LibraryState(message.revision, message.fingerprint),
        message.total,
    )
