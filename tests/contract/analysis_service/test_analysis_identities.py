"""Clusters keep identity and name as a library grows, shrinks and is analysed anew."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common import clients, errors
from common.samples import Kind
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import clusters_pb2
from tests.contract.analysis_service.analysis_library import places

CLUSTERS = pb.AnalysisSpec(clusters={"eps": 0.2})


async def found(client: Any, analysis: pb.Analysis, **options: Any) -> pb.GetClustersResponse:
    """Return the clusters of an analysis."""
    request = pb.GetClustersRequest(analysis_id=analysis.analysis_id, **options)
    return await clients.call(client.stub.GetClusters(request))


async def name(
    client: Any, analysis: pb.Analysis, cluster_id: str, text: str
) -> clusters_pb2.Cluster:
    """Name a cluster and return it."""
    request = pb.NameClusterRequest(
        analysis_id=analysis.analysis_id, cluster_id=cluster_id, name=text
    )
    return (await clients.call(client.stub.NameCluster(request))).cluster


async def test_a_hundred_more_photos_keep_identities_and_names(quick: Any, library: Any) -> None:
    before = await quick.succeeded(CLUSTERS)
    first, second = (await found(quick, before)).clusters
    await name(quick, before, second.cluster_id, "  Horses ")
    more = [np.roll(places(100), axis, axis=1)[: 60 - 20 * axis] for axis in (1, 0)]
    library.rows, library.revision = np.concatenate([library.rows, *more]), 8
    stale = await quick.get(before)
    assert (stale.stale, stale.added, stale.removed) == (True, 100, 0)
    after = await quick.succeeded(CLUSTERS)
    sizes = {c.cluster_id: (c.size, c.name) for c in (await found(quick, after)).clusters}
    assert sizes == {first.cluster_id: (64, ""), second.cluster_id: (43, "Horses")}
    assert not after.stale


async def test_samples_that_came_and_went_are_counted_apart(quick: Any, library: Any) -> None:
    analysis = await quick.succeeded(CLUSTERS)
    library.rows, library.revision = places(4, 3, 1, 2), 9
    library.gone, library.kinds = {0, 1, 2}, {9: Kind.TEXT}
    (seen,) = await quick.listed()
    assert seen.analysis_id == analysis.analysis_id
    assert (seen.stale, seen.added, seen.removed) == (True, 1, 3)


async def test_name_outlives_another_eps_and_a_restart(serve: Any) -> None:
    async with serve() as client:
        analysis = await client.succeeded(CLUSTERS)
        largest = (await found(client, analysis)).clusters[0]
        await name(client, analysis, largest.cluster_id, "Dogs")
    async with serve() as client:
        melted = await client.succeeded(pb.AnalysisSpec(clusters={"eps": 1.9}))
        torn = await client.succeeded(pb.AnalysisSpec(clusters={"eps": 1e-6}))
        again = await client.succeeded(CLUSTERS, force=True)
        (everything,) = (await found(client, melted)).clusters
        assert (everything.size, (await found(client, torn)).clusters[:]) == (8, [])
        assert (await found(client, again)).clusters[0].name == "Dogs"
        await name(client, again, largest.cluster_id, "")
        assert (await found(client, again)).clusters[0].name == ""


async def test_names_are_there_again_where_the_backed_up_files_are_put(
    serve: Any, tmp_path: Path
) -> None:
    async with serve() as client:
        analysis = await client.succeeded(CLUSTERS)
        largest = (await found(client, analysis)).clusters[0]
        await name(client, analysis, largest.cluster_id, "Dogs")
        files: dict[str, bytes] = {}
        async for piece in clients.stream(
            client.stub.BackUpIdentities(pb.BackUpIdentitiesRequest())
        ):
            files[piece.name] = files.get(piece.name, b"") + piece.chunk
    shutil.rmtree(tmp_path)
    (tmp_path / "identities").mkdir(parents=True)
    for file, content in files.items():
        (tmp_path / "identities" / file).write_bytes(content)
    async with serve() as client:
        again = (await found(client, await client.succeeded(CLUSTERS))).clusters[0]
        assert (again.name, again.cluster_id) == ("Dogs", largest.cluster_id)


@pytest.mark.parametrize(
    ("cluster_id", "text", "error"),
    [
        ("0" * 32, "Dogs", errors.NotFound),
        ("", "Dogs", errors.NotFound),
        (None, "x" * 101, errors.InvalidInput),
        (None, "a\x00b", errors.InvalidInput),
    ],
)
async def test_what_is_no_cluster_or_no_name_is_refused(
    quick: Any, cluster_id: str | None, text: str, error: type[errors.SemapixError]
) -> None:
    analysis = await quick.succeeded(CLUSTERS)
    own = (await found(quick, analysis)).clusters[0].cluster_id
    with pytest.raises(error):
        await name(quick, analysis, own if cluster_id is None else cluster_id, text)


async def test_texts_and_pictures_make_two_runs_in_one_answer(quick: Any, library: Any) -> None:
    library.kinds = {1: Kind.TEXT, 2: Kind.TEXT, 7: Kind.TEXT}
    spec = pb.AnalysisSpec(clusters={"eps": 0.2}, kinds=[Kind.TEXT, Kind.PHOTO])
    answer = await found(quick, await quick.succeeded(spec), with_centres=True)
    members = [(c.run, sorted(int(s.sample_id, 16) for s in c.samples)) for c in answer.clusters]
    assert members == [(0, [4, 5, 6]), (0, [0, 3]), (1, [1, 2])]
    assert [(list(run.kinds), run.samples, run.noise) for run in answer.runs] == [
        ([Kind.PHOTO], 5, 0),
        ([Kind.TEXT], 3, 1),
    ]
    assert all(
        len(run.mean) == len(c.centre.values) == 32
        for run, c in zip(answer.runs, answer.clusters, strict=False)
    )


async def test_no_more_samples_than_asked_for_and_centres_only_then(quick: Any) -> None:
    answer = await found(quick, await quick.succeeded(CLUSTERS), most_samples=1)
    assert [(len(c.samples), c.size) for c in answer.clusters] == [(1, 4), (1, 3)]
    assert not any(c.HasField("centre") for c in answer.clusters)
    assert not answer.runs[0].mean


# To HDBSCAN two photos are no cluster: nothing is there that they would be denser than.
@pytest.mark.parametrize(
    ("method", "counts", "sizes"),
    [(m, c, []) for m in (1, 2) for c in ((), (1,), (1, 1))] + [(1, (2,), [2]), (2, (2,), [])],
    ids=str,
)
async def test_hardly_any_photos_are_answered(
    quick: Any, library: Any, method: int, counts: tuple[int, ...], sizes: list[int]
) -> None:
    library.rows = places(*counts)
    spec = pb.AnalysisSpec(clusters={"method": method, "min_samples": 2})
    answer = await found(quick, await quick.succeeded(spec))
    assert [c.size for c in answer.clusters] == sizes
    assert answer.runs[0].samples == sum(counts)


@pytest.mark.parametrize("method", [1, 2])
async def test_identical_vectors_are_one_cluster(quick: Any, library: Any, method: int) -> None:
    library.rows = np.eye(8, dtype=np.float32)[[0] * 9]
    answer = await found(quick, await quick.succeeded(pb.AnalysisSpec(clusters={"method": method})))
    assert [(c.size, c.spread) for c in answer.clusters] == [(9, 0)]


async def test_empty_kind_is_an_empty_run(quick: Any) -> None:
    spec = pb.AnalysisSpec(clusters={}, kinds=[Kind.TEXT, Kind.PHOTO])
    answer = await found(quick, await quick.succeeded(spec))
    assert [run.samples for run in answer.runs] == [8, 0]
    assert {c.run for c in answer.clusters} == {0}
