"""AnalysisService at the gateway's address: calls and answers passed on as they are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar, cast

import grpc

from gateway import calls
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import analysis_pb2_grpc as rpc

NAME = pb.DESCRIPTOR.services_by_name["AnalysisService"].full_name
ANALYSIS_S = 60.0
R = TypeVar("R")


class AnalysisForwarder(rpc.AnalysisServiceServicer):
    """Passes every call to the analysis service, its errors back with all their details."""

    def __init__(self, service: calls.Service) -> None:
        self._service = service
        stub = rpc.AnalysisServiceStub(service.channel)
        self._stub = cast("rpc.AnalysisServiceAsyncStub", stub)

    def register(self, server: grpc.aio.Server) -> None:
        """Offer the rpcs."""
        rpc.add_AnalysisServiceServicer_to_server(self, server)

    async def StartAnalysis(
        self, request: pb.StartAnalysisRequest, context: Any
    ) -> pb.StartAnalysisResponse:
        return await self._passed_on(self._stub.StartAnalysis, request, context)

    async def GetAnalysis(
        self, request: pb.GetAnalysisRequest, context: Any
    ) -> pb.GetAnalysisResponse:
        return await self._passed_on(self._stub.GetAnalysis, request, context)

    async def WatchAnalysis(
        self, request: pb.WatchAnalysisRequest, context: Any
    ) -> AsyncIterator[pb.WatchAnalysisResponse]:
        watching = self._stub.WatchAnalysis(
            request, timeout=context.time_remaining(), metadata=calls.metadata()
        )
        try:
            async for response in watching:
                yield response
        except grpc.aio.AioRpcError as error:
            await self._abort(error, context)
        finally:
            watching.cancel()

    async def ListAnalyses(
        self, request: pb.ListAnalysesRequest, context: Any
    ) -> pb.ListAnalysesResponse:
        return await self._passed_on(self._stub.ListAnalyses, request, context)

    async def CancelAnalysis(
        self, request: pb.CancelAnalysisRequest, context: Any
    ) -> pb.CancelAnalysisResponse:
        return await self._passed_on(self._stub.CancelAnalysis, request, context)

    async def GetClusters(
        self, request: pb.GetClustersRequest, context: Any
    ) -> pb.GetClustersResponse:
        return await self._passed_on(self._stub.GetClusters, request, context)

    async def NameCluster(
        self, request: pb.NameClusterRequest, context: Any
    ) -> pb.NameClusterResponse:
        return await self._passed_on(self._stub.NameCluster, request, context)

    async def GetMap(self, request: pb.GetMapRequest, context: Any) -> pb.GetMapResponse:
        return await self._passed_on(self._stub.GetMap, request, context)

    async def GetDuplicates(
        self, request: pb.GetDuplicatesRequest, context: Any
    ) -> pb.GetDuplicatesResponse:
        return await self._passed_on(self._stub.GetDuplicates, request, context)

    async def _passed_on(
        self, method: Callable[..., Awaitable[R]], request: Any, context: Any
    ) -> R:
        calls.adopt_deadline(context)
        try:
            return await method(
                request, timeout=calls.timeout(ANALYSIS_S), metadata=calls.metadata()
            )
        except grpc.aio.AioRpcError as error:
            return cast("R", await self._abort(error, context))

    async def _abort(self, error: grpc.aio.AioRpcError, context: Any) -> None:
        """End the call as the analysis service ended it, or say that it is not there."""
        if not calls.meant(error) or error.code() is grpc.StatusCode.UNAVAILABLE:
            raise self._service.named(error)
        await context.abort(error.code(), error.details() or "", tuple(error.trailing_metadata()))
