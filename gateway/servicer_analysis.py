"""AnalysisService at the gateway's address: passed on as it is, names suggested for clusters."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar, cast

import grpc

from gateway import calls
from gateway.cluster_names import Centre, ClusterNames
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import analysis_pb2_grpc as rpc
from semapix.v1 import types_pb2

NAME = pb.DESCRIPTOR.services_by_name["AnalysisService"].full_name
ANALYSIS_S = 60.0
MOST_LETTERS = 100
R = TypeVar("R")


class AnalysisForwarder(rpc.AnalysisServiceServicer):
    """Passes every call to the analysis service, its errors back with all their details."""

    def __init__(self, service: calls.Service, names: ClusterNames) -> None:
        self._service, self._names = service, names
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
        async for response in self._streamed(self._stub.WatchAnalysis, request, context):
            yield response

    async def ListAnalyses(
        self, request: pb.ListAnalysesRequest, context: Any
    ) -> pb.ListAnalysesResponse:
        return await self._passed_on(self._stub.ListAnalyses, request, context)

    async def CancelAnalysis(
        self, request: pb.CancelAnalysisRequest, context: Any
    ) -> pb.CancelAnalysisResponse:
        return await self._passed_on(self._stub.CancelAnalysis, request, context)

    async def DeleteAnalyses(
        self, request: pb.DeleteAnalysesRequest, context: Any
    ) -> pb.DeleteAnalysesResponse:
        return await self._passed_on(self._stub.DeleteAnalyses, request, context)

    async def GetClusters(
        self, request: pb.GetClustersRequest, context: Any
    ) -> pb.GetClustersResponse:
        wider = pb.GetClustersRequest()
        wider.CopyFrom(request)
        wider.with_centres = True
        response = await self._passed_on(self._stub.GetClusters, wider, context)
        await self._suggest_names(response)
        if not request.with_centres:
            _take_centres(response)
        return response

    async def NameCluster(
        self, request: pb.NameClusterRequest, context: Any
    ) -> pb.NameClusterResponse:
        return await self._passed_on(self._stub.NameCluster, request, context)

    async def BackUpIdentities(
        self, request: pb.BackUpIdentitiesRequest, context: Any
    ) -> AsyncIterator[pb.BackUpIdentitiesResponse]:
        async for response in self._streamed(self._stub.BackUpIdentities, request, context):
            yield response

    async def GetMap(self, request: pb.GetMapRequest, context: Any) -> pb.GetMapResponse:
        return await self._passed_on(self._stub.GetMap, request, context)

    async def GetDuplicates(
        self, request: pb.GetDuplicatesRequest, context: Any
    ) -> pb.GetDuplicatesResponse:
        return await self._passed_on(self._stub.GetDuplicates, request, context)

    async def _suggest_names(self, response: pb.GetClustersResponse) -> None:
        """Suggest a name for each cluster that has a centre; texts speak for themselves."""
        asked = []
        for cluster in response.clusters:
            run = response.runs[cluster.run]
            if types_pb2.KIND_TEXT in run.kinds:
                cluster.suggested_name = cluster.samples[0].text[:MOST_LETTERS]
            elif cluster.HasField("centre"):
                centre = Centre(cluster.centre.values, run.mean, cluster.spread)
                asked.append((cluster, centre))
        centres = [centre for _, centre in asked]
        names = await self._names.suggested(centres, response.analysis.fingerprint)
        for (cluster, _), name in zip(asked, names, strict=True):
            cluster.suggested_name = name

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

    async def _streamed(
        self, method: Callable[..., Any], request: Any, context: Any
    ) -> AsyncIterator[Any]:
        responses = method(request, timeout=context.time_remaining(), metadata=calls.metadata())
        try:
            async for response in responses:
                yield response
        except grpc.aio.AioRpcError as error:
            await self._abort(error, context)
        finally:
            responses.cancel()

    async def _abort(self, error: grpc.aio.AioRpcError, context: Any) -> None:
        """End the call as the analysis service ended it, or say that it is not there."""
        if not calls.meant(error) or error.code() is grpc.StatusCode.UNAVAILABLE:
            raise self._service.named(error)
        await context.abort(error.code(), error.details() or "", tuple(error.trailing_metadata()))


def _take_centres(response: pb.GetClustersResponse) -> None:
    """Leave out what the client did not ask for."""
    for cluster in response.clusters:
        cluster.ClearField("centre")
    for run in response.runs:
        run.ClearField("mean")
