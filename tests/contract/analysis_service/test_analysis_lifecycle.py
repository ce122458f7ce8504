"""Jobs over the wire: queue, cancel, failures, and restarts."""

import time
from typing import Any

import numpy as np
import pytest

from common import clients, errors, vectors
from semapix.v1 import analysis_pb2 as pb

CLUSTERS = pb.AnalysisSpec(clusters={})
DUPLICATES = pb.AnalysisSpec(duplicates={})
LONG = pb.AnalysisSpec(map={"iterations": 10_000})


def make_long(library: Any) -> None:
    """Fill the library so that t-SNE takes many seconds."""
    rows = np.random.default_rng(0).normal(size=(900, 8))
    library.rows = vectors.normalised(rows.astype(np.float32))


async def test_running_and_waiting_jobs_of_one_request_are_one(service: Any, library: Any) -> None:
    library.gate.clear()
    first = await service.start(CLUSTERS)
    assert (await service.start(CLUSTERS)).analysis_id == first.analysis_id
    forced = await service.start(CLUSTERS, force=True)
    assert forced.analysis_id == first.analysis_id


async def test_full_queue_is_resource_exhausted(service: Any, library: Any) -> None:
    library.gate.clear()
    running = await service.start(pb.AnalysisSpec(clusters={"eps": 0.5}))
    await service.reached(running, "reading vectors")
    for eps in (0.1, 0.3):
        await service.start(pb.AnalysisSpec(clusters={"eps": eps}))
    with pytest.raises(errors.Overloaded) as caught:
        await service.start(CLUSTERS)
    assert caught.value.retry_after_s == 5
    assert len(await service.listed()) == 3


async def test_cancel_inside_tsne_takes_less_than_two_seconds_and_leaves_nothing(
    service: Any, library: Any, left: Any
) -> None:
    make_long(library)
    analysis = await service.start(LONG)
    seen = await service.reached(analysis, "t-SNE")
    assert (seen.state, seen.samples) == (pb.ANALYSIS_STATE_RUNNING, 900)
    asked_at = time.monotonic()
    cancelled = await service.cancel(analysis)
    assert time.monotonic() - asked_at < 2
    assert cancelled.state == pb.ANALYSIS_STATE_CANCELLED
    assert await service.cancel(analysis) == cancelled
    assert left() == []


async def test_cancel_while_reading_is_immediate(service: Any, library: Any) -> None:
    library.gate.clear()
    analysis = await service.start(CLUSTERS)
    await service.reached(analysis, "reading vectors")
    assert (await service.cancel(analysis)).state == pb.ANALYSIS_STATE_CANCELLED


async def test_result_of_an_unfinished_job_is_a_failed_precondition(
    service: Any, library: Any
) -> None:
    library.gate.clear()
    analysis = await service.start(CLUSTERS)
    request = pb.GetClustersRequest(analysis_id=analysis.analysis_id)
    with pytest.raises(errors.SemapixError, match="has no result"):
        await clients.call(service.stub.GetClusters(request))


async def test_stream_that_ends_early_fails_the_job_and_says_so(
    service: Any, library: Any, left: Any
) -> None:
    library.ends_early = True
    failed = await service.ended(await service.start(CLUSTERS))
    assert failed.state == pb.ANALYSIS_STATE_FAILED
    assert failed.error == "the index ended its stream after 3 of 8 vectors: try again"
    library.ends_early = False
    await service.succeeded(CLUSTERS)


async def test_kept_results_survive_a_restart_and_failures_do_not(serve: Any, library: Any) -> None:
    async with serve() as before:
        kept = await before.succeeded(CLUSTERS)
        library.ends_early = True
        await before.ended(await before.start(CLUSTERS, force=True))
    async with serve() as after:
        assert await after.listed() == [kept]
        assert await after.start(CLUSTERS) == kept
    assert library.streams == 2


async def test_failures_push_out_no_result(service: Any, library: Any, left: Any) -> None:
    kept = await service.succeeded(CLUSTERS)
    library.ends_early = True
    for _ in range(5):
        await service.ended(await service.start(CLUSTERS, force=True))
    library.ends_early = False
    await service.succeeded(DUPLICATES)
    listed = await service.listed()
    assert kept.analysis_id in [analysis.analysis_id for analysis in listed]
    assert len(left()) == 2
    assert len(listed) == 2 + 3


async def test_job_under_way_at_a_stop_is_gone_after_the_restart(
    serve: Any, library: Any, left: Any
) -> None:
    make_long(library)
    async with serve() as before:
        await before.reached(await before.start(LONG), "t-SNE")
    async with serve() as after:
        assert await after.listed() == []
    assert left() == []


async def test_without_the_index_kept_results_are_shown_and_new_ones_refused(serve: Any) -> None:
    async with serve() as before:
        kept = await before.succeeded(CLUSTERS)
    async with serve("127.0.0.1:1") as after:
        assert await after.listed() == [kept]
        with pytest.raises(errors.Unavailable):
            await after.start(CLUSTERS)
