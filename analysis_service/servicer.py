"""AnalysisService: messages in, domain calls, messages out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import grpc

from analysis_service import clusters_codec, codec, duplicates_codec, placing, staleness
from analysis_service.analyses import Analysis, Outcome, Result, State
from analysis_service.board import Board
from analysis_service.clusters import Clusters
from analysis_service.duplicates import Duplicates
from analysis_service.jobs import Jobs
from analysis_service.maps import Map
from analysis_service.source import VectorSource
from analysis_service.store import Store
from common import errors
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import analysis_pb2_grpc as rpc

log = logging.getLogger(__name__)
NAME = "semapix.v1.AnalysisService"
CHUNK_BYTES = 2**20
Kept = TypeVar("Kept", Clusters, Map, Duplicates)


class AnalysisServicer(rpc.AnalysisServiceServicer):
    """Answers for one library."""

    def __init__(self, source: VectorSource, *, board: Board, jobs: Jobs, store: Store) -> None:
        self._source, self._board, self._jobs, self._store = source, board, jobs, store
        self._placing = placing.Placing(source)
        self._seen: staleness.Look | None = None

    def register(self, server: grpc.aio.Server) -> None:
        """Answer on `server`."""
        rpc.add_AnalysisServiceServicer_to_server(self, server)

    async def StartAnalysis(
        self, request: pb.StartAnalysisRequest, context: Any
    ) -> pb.StartAnalysisResponse:
        spec = codec.spec_from(request.spec)
        self._seen = await self._source.look(self._marks())
        analysis = self._board.current(spec, self._seen.library, kept=not request.force)
        return pb.StartAnalysisResponse(
            analysis=await self._shown(
                self._board.use(analysis) if analysis else self._jobs.submit(spec)
            )
        )

    async def GetAnalysis(
        self, request: pb.GetAnalysisRequest, context: Any
    ) -> pb.GetAnalysisResponse:
        analysis = self._board.get(request.analysis_id)
        return pb.GetAnalysisResponse(analysis=await self._shown(analysis))

    async def WatchAnalysis(
        self, request: pb.WatchAnalysisRequest, context: Any
    ) -> AsyncIterator[pb.WatchAnalysisResponse]:
        async for analysis in self._board.watch(request.analysis_id):
            yield pb.WatchAnalysisResponse(analysis=await self._shown(analysis))

    async def ListAnalyses(
        self, request: pb.ListAnalysesRequest, context: Any
    ) -> pb.ListAnalysesResponse:
        await self._look()
        shown = [codec.analysis_to(a, self._age(a)) for a in self._board.newest_first()]
        return pb.ListAnalysesResponse(analyses=shown)

    async def CancelAnalysis(
        self, request: pb.CancelAnalysisRequest, context: Any
    ) -> pb.CancelAnalysisResponse:
        analysis = await self._jobs.cancel(request.analysis_id)
        return pb.CancelAnalysisResponse(analysis=await self._shown(analysis))

    async def DeleteAnalyses(
        self, request: pb.DeleteAnalysesRequest, context: Any
    ) -> pb.DeleteAnalysesResponse:
        if request.everything:
            for one in self._board.newest_first():
                await self._jobs.cancel(one.analysis_id)
            await asyncio.to_thread(self._store.registers.clear)
        ended = [one.analysis_id for one in self._board.newest_first() if one.has_ended]
        for analysis_id in ended:
            self._board.forget(analysis_id)
            await asyncio.to_thread(self._store.remove, analysis_id)
        return pb.DeleteAnalysesResponse(deleted=len(ended))

    async def GetClusters(
        self, request: pb.GetClustersRequest, context: Any
    ) -> pb.GetClustersResponse:
        shown, result, found = await self._kept(request.analysis_id, Clusters)
        analysis = self._board.get(request.analysis_id)
        names = await asyncio.to_thread(self._store.registers.names, analysis.spec)
        response = await asyncio.to_thread(
            clusters_codec.found_to, request, analysis, result, found=found, names=names
        )
        response.analysis.CopyFrom(shown)
        return response

    async def NameCluster(
        self, request: pb.NameClusterRequest, context: Any
    ) -> pb.NameClusterResponse:
        name = clusters_codec.name_from(request)
        _, result, found = await self._kept(request.analysis_id, Clusters)
        spec = self._board.get(request.analysis_id).spec
        number, cluster = found.by_id(request.cluster_id)
        members = [result.samples[row].sample_id for row in cluster.rows]
        registers, kinds = self._store.registers, spec.runs[cluster.run]
        await asyncio.to_thread(registers.name, kinds, cluster.cluster_id, name, members=members)
        named = clusters_codec.cluster_to(number, cluster, {cluster.cluster_id: name})
        return pb.NameClusterResponse(cluster=named)

    async def BackUpIdentities(
        self, request: pb.BackUpIdentitiesRequest, context: Any
    ) -> AsyncIterator[pb.BackUpIdentitiesResponse]:
        for name, content in await asyncio.to_thread(self._store.registers.files):
            for at in range(0, len(content), CHUNK_BYTES):
                chunk = content[at : at + CHUNK_BYTES]
                yield pb.BackUpIdentitiesResponse(name=name, chunk=chunk)

    async def GetMap(self, request: pb.GetMapRequest, context: Any) -> pb.GetMapResponse:
        shown, result, found = await self._kept(request.analysis_id, Map)
        placed = placing.as_kept(result, found)
        if shown.stale and not request.as_kept:
            placed = await self._placed(self._board.get(request.analysis_id), result, found)
        points = await asyncio.to_thread(codec.points_to, placed)
        return pb.GetMapResponse(analysis=shown, points=points)

    async def GetDuplicates(
        self, request: pb.GetDuplicatesRequest, context: Any
    ) -> pb.GetDuplicatesResponse:
        shown, result, found = await self._kept(request.analysis_id, Duplicates)
        groups = await asyncio.to_thread(duplicates_codec.groups_to, result, found)
        return pb.GetDuplicatesResponse(
            analysis=shown, groups=groups, not_compared=found.not_compared
        )

    async def _placed(self, analysis: Analysis, result: Result, found: Map) -> placing.PlacedMap:
        """Return the map with what came since; as it was kept while the index is silent."""
        library = self._seen.library if self._seen else analysis.library
        try:
            return await self._placing.placed(analysis, result, found=found, library=library)
        except (errors.Unavailable, errors.TooSlow) as error:
            log.warning("the map %s is shown as it was kept: %s", analysis.analysis_id, error)
            return placing.as_kept(result, found)

    async def _kept(self, analysis_id: str, kind: type[Kept]) -> tuple[pb.Analysis, Result, Kept]:
        """Return a kept outcome of type `kind`. Raises NotFound or Mismatch."""
        analysis = self._board.get(analysis_id)
        if analysis.state is not State.SUCCEEDED:
            state = analysis.state.name.lower()
            raise errors.Mismatch(f"analysis {analysis_id} is {state}: it has no result")
        result = await asyncio.to_thread(self._store.result, analysis_id)
        if not isinstance(result.outcome, kind):
            raise errors.Mismatch(f"analysis {analysis_id} made {_named(result.outcome)}")
        return await self._shown(analysis), result, result.outcome

    async def _shown(self, analysis: Analysis) -> pb.Analysis:
        if analysis.state is State.SUCCEEDED:
            await self._look()
        return codec.analysis_to(analysis, self._age(analysis))

    async def _look(self) -> None:
        """See what the library is now; while the index is silent, what was seen last counts."""
        try:
            self._seen = await self._source.look(self._marks())
        except (errors.Unavailable, errors.TooSlow) as error:
            log.warning("staleness is judged by %s: %s", self._seen and self._seen.library, error)

    def _marks(self) -> tuple[int, ...]:
        return staleness.marks(self._board.newest_first())

    def _age(self, analysis: Analysis) -> staleness.Age:
        return staleness.age(analysis, self._seen)


def _named(outcome: Outcome) -> str:
    return {Clusters: "clusters", Map: "a map", Duplicates: "groups of duplicates"}[type(outcome)]
