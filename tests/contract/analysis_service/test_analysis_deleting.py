"""What has ended is deleted with its result, what runs goes on."""

import pytest

from common import clients, errors
from semapix.v1 import analysis_pb2 as pb

CLUSTERS = pb.AnalysisSpec(clusters={})


async def test_ended_analyses_are_deleted_and_running_ones_go_on(quick, library, left):
    done = await quick.succeeded(CLUSTERS)
    library.gate.clear()
    running = await quick.start(pb.AnalysisSpec(duplicates={}))
    call = quick.stub.DeleteAnalyses(pb.DeleteAnalysesRequest(), timeout=20)
    assert (await clients.call(call)).deleted == 1
    with pytest.raises(errors.NotFound):
        await quick.get(done)
    assert [one.analysis_id for one in await quick.listed()] == [running.analysis_id]
    library.gate.set()
    assert (await quick.ended(running)).state == pb.ANALYSIS_STATE_SUCCEEDED
    assert [path.stem for path in left()] == [running.analysis_id]


async def test_everything_ends_what_runs_and_forgets_names(quick, library, left):
    done = await quick.succeeded(CLUSTERS)
    cluster = (await clients.call(quick.stub.GetClusters(pb.GetClustersRequest(
        analysis_id=done.analysis_id)))).clusters[0]  # fmt: skip
    await clients.call(quick.stub.NameCluster(pb.NameClusterRequest(
        analysis_id=done.analysis_id, cluster_id=cluster.cluster_id, name="Grandma")))  # fmt: skip
    library.gate.clear()
    running = await quick.start(pb.AnalysisSpec(duplicates={}))
    request = pb.DeleteAnalysesRequest(everything=True)
    assert (await clients.call(quick.stub.DeleteAnalyses(request, timeout=20))).deleted == 2
    library.gate.set()
    with pytest.raises(errors.NotFound):
        await quick.get(running)
    assert (await quick.listed(), left()) == ([], [])
    again = await quick.succeeded(CLUSTERS)
    request = pb.GetClustersRequest(analysis_id=again.analysis_id)
    found = (await clients.call(quick.stub.GetClusters(request))).clusters
    assert [one.name for one in found] == [""] * len(found)
    assert cluster.cluster_id not in {one.cluster_id for one in found}
