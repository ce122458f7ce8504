"""Analyses over the wire: results, what is kept, what is stale, what is refused."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from analysis_service.steps import Step
from common import clients, errors
from common.samples import Kind
from semapix.v1 import analysis_pb2 as pb
from semapix.v1.duplicates_pb2 import DUPLICATE_KIND_SEMANTIC

CLUSTERS = pb.AnalysisSpec(clusters={})
MAP = pb.AnalysisSpec(map={"iterations": 250})
DUPLICATES = pb.AnalysisSpec(duplicates={"kind": DUPLICATE_KIND_SEMANTIC})


async def test_clusters_come_largest_first_with_noise_apart(quick: Any) -> None:
    analysis = await quick.succeeded(CLUSTERS)
    request = pb.GetClustersRequest(analysis_id=analysis.analysis_id)
    answer = await clients.call(quick.stub.GetClusters(request))
    numbers = [sorted(int(s.sample_id, 16) for s in c.samples) for c in answer.clusters]
    assert numbers == [[0, 1, 2, 3], [4, 5, 6]]
    assert [int(s.sample_id, 16) for s in answer.noise] == [7]
    assert [c.number for c in answer.clusters] == [0, 1]
    assert all(0 < c.spread < 0.1 for c in answer.clusters)
    assert answer.analysis == analysis


async def test_clusters_say_their_eps_and_what_the_vectors_suggest(quick: Any) -> None:
    analysis = await quick.succeeded(pb.AnalysisSpec(clusters={"suggest_eps": True}))
    request = pb.GetClustersRequest(analysis_id=analysis.analysis_id)
    answer = await clients.call(quick.stub.GetClusters(request))
    assert analysis.spec.clusters.suggest_eps
    assert 0 < answer.suggested_eps == answer.eps < 0.2
    assert len(answer.k_distances) == 8
    assert list(answer.k_distances) == sorted(answer.k_distances)


async def test_finished_analysis_says_what_it_was_made_from(quick: Any) -> None:
    analysis = await quick.succeeded(CLUSTERS)
    assert (analysis.revision, analysis.fingerprint, analysis.samples) == (7, "f00d", 8)
    assert (analysis.progress, analysis.step, analysis.stale) == (1, "done", False)
    assert analysis.ended_at_s >= analysis.started_at_s > 0
    assert analysis.spec.clusters.eps == pytest.approx(0.2)
    assert list(analysis.spec.kinds) == [Kind.PHOTO]


async def test_map_has_a_point_per_sample_within_one(quick: Any) -> None:
    analysis = await quick.succeeded(MAP)
    answer = await clients.call(
        quick.stub.GetMap(pb.GetMapRequest(analysis_id=analysis.analysis_id))
    )
    places = np.asarray([[p.x, p.y, p.z] for p in answer.points])
    assert [int(p.sample.sample_id, 16) for p in answer.points] == list(range(8))
    assert np.linalg.norm(places, axis=1).max() == pytest.approx(1, abs=1e-5)


async def test_only_the_chosen_kinds_take_part(quick: Any, library: Any) -> None:
    library.kinds = {5: Kind.TEXT, 6: Kind.TEXT}
    texts = await quick.succeeded(pb.AnalysisSpec(clusters={}, kinds=[Kind.TEXT]))
    photos = await quick.succeeded(CLUSTERS)
    assert (texts.samples, photos.samples) == (2, 6)


EVERY_SPEC = {
    "clusters": CLUSTERS,
    "suggested eps": pb.AnalysisSpec(clusters={"suggest_eps": True}),
    "hdbscan": pb.AnalysisSpec(clusters={"method": 2}),
    "map": MAP,
    "flat map": pb.AnalysisSpec(map={"iterations": 250, "dimensions": 2}),
    "map by PCA": pb.AnalysisSpec(map={"pca_only": True}),
    "exact duplicates": pb.AnalysisSpec(duplicates={"kind": 1}),
    "near duplicates": pb.AnalysisSpec(duplicates={"kind": 2}),
    "semantic duplicates": DUPLICATES,
}


async def shown(service: Any, analysis: pb.Analysis) -> Any:
    """Return the result of an analysis of whatever type."""
    asks = {
        "clusters": (service.stub.GetClusters, pb.GetClustersRequest),
        "map": (service.stub.GetMap, pb.GetMapRequest),
        "duplicates": (service.stub.GetDuplicates, pb.GetDuplicatesRequest),
    }
    ask, request = asks[analysis.spec.WhichOneof("parameters")]
    return await clients.call(ask(request(analysis_id=analysis.analysis_id)))


@pytest.mark.parametrize("spec", EVERY_SPEC.values(), ids=EVERY_SPEC)
@pytest.mark.parametrize("identical", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
async def test_hardly_any_and_identical_photos_give_an_answer(
    quick: Any, library: Any, spec: pb.AnalysisSpec, *, count: int, identical: bool
) -> None:
    """Seven photos are fewer than the perplexity."""
    library.rows = library.rows[[0] * count] if identical else library.rows[:count]
    analysis = await quick.succeeded(spec)
    answer = await shown(quick, analysis)
    assert analysis.samples == count
    if isinstance(answer, pb.GetMapResponse):
        places = np.array([[p.x, p.y, p.z] for p in answer.points]).reshape(-1, 3)
        assert len(places) == count
        assert np.abs(places).max(initial=0) <= 1
        assert not (identical and places.any())


@pytest.mark.parametrize("spec", [CLUSTERS, MAP], ids=["clusters", "map"])
async def test_a_kind_that_nothing_has_gives_an_empty_answer(
    quick: Any, spec: pb.AnalysisSpec
) -> None:
    of_animals = pb.AnalysisSpec(kinds=[Kind.ANIMAL])
    of_animals.MergeFrom(spec)
    analysis = await quick.succeeded(of_animals)
    answer = await shown(quick, analysis)
    assert analysis.samples == 0
    assert not (answer.points if isinstance(answer, pb.GetMapResponse) else answer.clusters)


async def test_progress_never_falls_and_steps_are_told_in_order(quick: Any, library: Any) -> None:
    """A watcher sees the newest state: of two changes at once, the second."""
    library.gate.clear()
    analysis = await quick.start(pb.AnalysisSpec(map={"iterations": 2500}))
    watching = quick.watch(analysis)
    seen = [await anext(watching)]
    library.gate.set()
    seen += [news async for news in watching]
    steps = list(dict.fromkeys(news.step for news in seen))
    order = [str(step) for step in Step]
    assert steps == sorted(steps, key=order.index)
    assert {"t-SNE", "done"} <= set(steps)
    assert [news.progress for news in seen] == sorted(news.progress for news in seen)


async def test_same_request_at_the_same_revision_returns_the_kept_result(
    quick: Any, library: Any
) -> None:
    first = await quick.succeeded(CLUSTERS)
    spelled = pb.AnalysisSpec(clusters={"eps": 0.2, "min_samples": 2}, kinds=[Kind.PHOTO])
    assert await quick.start(spelled) == first
    assert library.streams == 1


async def test_force_runs_again(quick: Any, library: Any) -> None:
    first = await quick.succeeded(CLUSTERS)
    second = await quick.succeeded(CLUSTERS, force=True)
    assert second.analysis_id != first.analysis_id
    assert library.streams == 2
    assert await quick.start(CLUSTERS) == second


async def test_change_of_the_library_makes_a_result_stale_and_a_new_one_due(
    quick: Any, library: Any
) -> None:
    first = await quick.succeeded(CLUSTERS)
    library.revision = 8
    assert (await quick.get(first)).stale
    second = await quick.succeeded(CLUSTERS)
    assert (second.revision, second.stale) == (8, False)
    listed = await quick.listed()
    assert [(a.analysis_id, a.stale) for a in listed] == [
        (second.analysis_id, False),
        (first.analysis_id, True),
    ]


async def test_only_the_newest_results_are_kept(quick: Any, left: Any) -> None:
    made = [await quick.succeeded(DUPLICATES, force=True) for _ in range(4)]
    listed = await quick.listed()
    assert [a.analysis_id for a in listed] == [a.analysis_id for a in reversed(made[1:])]
    assert len(left()) == 3


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (pb.AnalysisSpec(), "spec"),
        (pb.AnalysisSpec(clusters={"eps": 3}), "spec.clusters.eps"),
        (pb.AnalysisSpec(map={"perplexity": 0.5}), "spec.map.perplexity"),
        (pb.AnalysisSpec(duplicates={"kind": 3, "min_cosine": 2}), "spec.duplicates.min_cosine"),
        (pb.AnalysisSpec(map={}, kinds=[Kind.PHOTO, Kind.TEXT]), "spec.kinds"),
    ],
)
async def test_bad_request_names_its_field(quick: Any, spec: pb.AnalysisSpec, field: str) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        await quick.start(spec)
    assert caught.value.field == field


Ask = Callable[[Any, str], Awaitable[Any]]
ASKS: dict[str, Ask] = {
    "get": lambda stub, name: stub.GetAnalysis(pb.GetAnalysisRequest(analysis_id=name)),
    "watch": lambda stub, name: stub.WatchAnalysis(
        pb.WatchAnalysisRequest(analysis_id=name)
    ).read(),
    "cancel": lambda stub, name: stub.CancelAnalysis(pb.CancelAnalysisRequest(analysis_id=name)),
    "clusters": lambda stub, name: stub.GetClusters(pb.GetClustersRequest(analysis_id=name)),
    "map": lambda stub, name: stub.GetMap(pb.GetMapRequest(analysis_id=name)),
    "duplicates": lambda stub, name: stub.GetDuplicates(pb.GetDuplicatesRequest(analysis_id=name)),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 32])
async def test_unknown_analysis_is_not_found(quick: Any, ask: Ask, name: str) -> None:
    with pytest.raises(errors.NotFound):
        await clients.call(ask(quick.stub, name))


async def test_result_of_another_type_is_a_failed_precondition(quick: Any) -> None:
    analysis = await quick.succeeded(DUPLICATES)
    with pytest.raises(errors.Mismatch, match="made groups of duplicates"):
        await clients.call(ASKS["map"](quick.stub, analysis.analysis_id))


async def test_damaged_result_is_data_loss(quick: Any, tmp_path: Path) -> None:
    analysis = await quick.succeeded(CLUSTERS)
    (tmp_path / f"{analysis.analysis_id}.analysis").write_text("x")
    with pytest.raises(errors.DataLoss):
        await clients.call(ASKS["clusters"](quick.stub, analysis.analysis_id))


async def test_code_of_a_refusal_is_the_documented_one(quick: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await quick.stub.StartAnalysis(pb.StartAnalysisRequest())
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
