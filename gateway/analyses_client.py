"""The analyses of a library, as far as clearing it goes; all else is passed on as it is."""

from typing import cast

from gateway.calls import Service
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import analysis_pb2_grpc as rpc

WRITE_S = 60.0


class AnalysesClient:
    """Asks the analysis service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        stub = rpc.AnalysisServiceStub(service.channel)
        self._stub = cast("rpc.AnalysisServiceAsyncStub", stub)

    async def delete_everything(self) -> None:
        """Delete all analyses, those under way included, and names of clusters."""
        request = pb.DeleteAnalysesRequest(everything=True)
        await self._service.ask(self._stub.DeleteAnalyses, request, most_s=WRITE_S)
