"""ReembeddingService: begin, look, cancel."""

from typing import Any

import grpc

from gateway import reembedding_codec as codec
from gateway.calls import adopt_deadline
from gateway.reembedding import Reembedding
from semapix.v1 import reembedding_pb2 as pb
from semapix.v1 import reembedding_pb2_grpc as rpc

NAME = pb.DESCRIPTOR.services_by_name["ReembeddingService"].full_name


class ReembeddingServicer(rpc.ReembeddingServiceServicer):
    """One library embedded anew."""

    def __init__(self, reembedding: Reembedding) -> None:
        self._reembedding = reembedding

    def register(self, server: grpc.aio.Server) -> None:
        """Offer the rpcs."""
        rpc.add_ReembeddingServiceServicer_to_server(self, server)

    async def StartReembedding(
        self, request: pb.StartReembeddingRequest, context: Any
    ) -> pb.StartReembeddingResponse:
        adopt_deadline(context)
        address = codec.address_from(request.embedder)
        outcome, encoder, progress = await self._reembedding.start(address)
        return pb.StartReembeddingResponse(
            outcome=int(outcome),  # type: ignore[arg-type]
            progress=codec.progress_to(progress),
            fingerprint=encoder.fingerprint,
            model=encoder.model,
        )

    async def GetReembedding(
        self, request: pb.GetReembeddingRequest, context: Any
    ) -> pb.GetReembeddingResponse:
        adopt_deadline(context)
        progress = codec.progress_to(await self._reembedding.progress())
        return pb.GetReembeddingResponse(progress=progress)

    async def CancelReembedding(
        self, request: pb.CancelReembeddingRequest, context: Any
    ) -> pb.CancelReembeddingResponse:
        adopt_deadline(context)
        return pb.CancelReembeddingResponse(cancelled=await self._reembedding.cancel())
