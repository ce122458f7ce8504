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
