"""The analyses of a library as blocking calls with values; the gateway passes them on."""

from collections.abc import Iterator, Sequence

from common.samples import Kind
from semapix.v1 import analysis_pb2 as pb
from semapix.v1.analysis_pb2_grpc import AnalysisServiceStub
from ui import analyses, calls, cluster_codec, codec, duplicates_codec

QUICK_S = 15.0
RESULT_S = 120.0
WATCH_S = 24 * 3600.0


class AnalysisClient:
    """Starts, watches and fetches clusters, maps and duplicate searches."""

    def __init__(self, stub: AnalysisServiceStub, address: str) -> None:
        self._stub, self._address = stub, address

    def start(
        self, parameters: analyses.Parameters, *, kinds: Sequence[Kind] = (), force: bool = False
    ) -> analyses.Analysis:
        """Start a job, or return the kept one of the same request; no kinds: whole photos."""
        spec = codec.spec_from(parameters, kinds)
        with calls.answered(self._address):
            request = pb.StartAnalysisRequest(spec=spec, force=force)
            return codec.analysis_from(self._stub.StartAnalysis(request, timeout=QUICK_S).analysis)

    def get(self, analysis_id: str) -> analyses.Analysis:
        """Return state and progress. Raises NotFound."""
        with calls.answered(self._address):
            request = pb.GetAnalysisRequest(analysis_id=analysis_id)
            return codec.analysis_from(self._stub.GetAnalysis(request, timeout=QUICK_S).analysis)

    def watch(self, analysis_id: str) -> Iterator[analyses.Analysis]:
        """Yield the job whenever it changes, until it ends. Raises NotFound."""
        request = pb.WatchAnalysisRequest(analysis_id=analysis_id)
        with calls.answered(self._address):
            for response in self._stub.WatchAnalysis(request, timeout=WATCH_S):
                yield codec.analysis_from(response.analysis)

    def list(self) -> list[analyses.Analysis]:
        """Return all jobs that are kept, newest first."""
        with calls.answered(self._address):
            response = self._stub.ListAnalyses(pb.ListAnalysesRequest(), timeout=QUICK_S)
        return [codec.analysis_from(analysis) for analysis in response.analyses]

    def cancel(self, analysis_id: str) -> analyses.Analysis:
        """Ask a job to end. Raises NotFound."""
        with calls.answered(self._address):
            request = pb.CancelAnalysisRequest(analysis_id=analysis_id)
            return codec.analysis_from(self._stub.CancelAnalysis(request, timeout=QUICK_S).analysis)

    def delete(self) -> int:
        """Delete all jobs that have ended and their results; return how many there were."""
        with calls.answered(self._address):
            response = self._stub.DeleteAnalyses(pb.DeleteAnalysesRequest(), timeout=RESULT_S)
        return response.deleted

    def clusters(self, analysis_id: str, *, most_samples: int = 0) -> analyses.Clustering:
        """Return the clusters of a job that succeeded. Raises NotFound, Mismatch.

        At most `most_samples` of each cluster and of the noise; 0: all.
        """
        request = pb.GetClustersRequest(analysis_id=analysis_id, most_samples=most_samples)
        with calls.answered(self._address):
            response = self._stub.GetClusters(request, timeout=RESULT_S)
        return cluster_codec.clustering_from(response, codec.analysis_from(response.analysis))

    def name_cluster(self, analysis_id: str, cluster_id: str, name: str) -> analyses.Cluster:
        """Give a cluster a name, "" takes it away. Raises NotFound, InvalidInput."""
        request = pb.NameClusterRequest(analysis_id=analysis_id, cluster_id=cluster_id, name=name)
        with calls.answered(self._address):
            response = self._stub.NameCluster(request, timeout=QUICK_S)
        return cluster_codec.cluster_from(response.cluster)

    def identities(self) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of the files by which clusters are known again."""
        name, pieces = "", b""
        with calls.answered(self._address):
            request = pb.BackUpIdentitiesRequest()
            for response in self._stub.BackUpIdentities(request, timeout=RESULT_S):
                if name and response.name != name:
                    yield name, pieces
                    pieces = b""
                name, pieces = response.name, pieces + response.chunk
        if name:
            yield name, pieces

    def map(self, analysis_id: str) -> analyses.PhotoMap:
        """Return the points of a map that succeeded. Raises NotFound, Mismatch."""
        with calls.answered(self._address):
            request = pb.GetMapRequest(analysis_id=analysis_id)
            return codec.map_from(self._stub.GetMap(request, timeout=RESULT_S))

    def duplicates(self, analysis_id: str) -> analyses.Duplicates:
        """Return the groups of a duplicate search that succeeded. Raises NotFound, Mismatch."""
        with calls.answered(self._address):
            request = pb.GetDuplicatesRequest(analysis_id=analysis_id)
            response = self._stub.GetDuplicates(request, timeout=RESULT_S)
        return duplicates_codec.duplicates_from(response, codec.analysis_from(response.analysis))
