"""Analyses of a library that a real index keeps, while it grows and shrinks."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common import clients
from common.samples import Kind
from common.vectors import normalised
from index_service.changes import Put, VectorSample
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import index_pb2, index_pb2_grpc
from tests.contract.index_service import index_calls
from tests.unit.index_service import index_values as values

CLUSTERS = pb.AnalysisSpec(clusters={"eps": 0.2})
MAP = pb.AnalysisSpec(map={"iterations": 250})


def photo(number: int) -> Put:
    """Return photo `number`, which lies near one of four axes, the first the likeliest."""
    rng = np.random.default_rng(number)
    axis = np.eye(values.DIMENSION)[min(3, number % 7)]
    row = normalised((axis + 0.03 * rng.normal(size=values.DIMENSION)).astype(np.float32))
    return values.put(number, [VectorSample(values.sample(number, Kind.PHOTO), row)])


class Library:
    """A real index, and an analysis_service over it."""

    def __init__(self, index: index_pb2_grpc.IndexServiceStub, service: Any) -> None:
        self.index, self.service = index, service

    async def put(self, numbers: Iterable[int]) -> None:
        await self.index.PutPhotos(index_calls.putting(*map(photo, numbers)))

    async def delete(self, *numbers: int) -> None:
        ids = [values.photo_id(number) for number in numbers]
        await self.index.DeletePhotos(index_pb2.DeletePhotosRequest(photo_ids=ids))

    async def clusters(self, analysis: pb.Analysis) -> dict[str, tuple[int, str]]:
        """Return size and name of each cluster by its id."""
        request = pb.GetClustersRequest(analysis_id=analysis.analysis_id)
        answer = await clients.call(self.service.stub.GetClusters(request))
        return {one.cluster_id: (one.size, one.name) for one in answer.clusters}

    async def points(self, analysis: pb.Analysis) -> dict[str, tuple[float, float, float, bool]]:
        """Return the place of each sample on a map, and whether it is approximate."""
        request = pb.GetMapRequest(analysis_id=analysis.analysis_id)
        answer = await clients.call(self.service.stub.GetMap(request))
        return {p.sample.sample_id: (p.x, p.y, p.z, p.approximate) for p in answer.points}


@pytest.fixture
async def grown(tmp_path: Path, serve_quick: Any) -> AsyncIterator[Library]:
    """A library of 70 photos."""
    async with (
        index_calls.listening(tmp_path / "index") as address,
        clients.channel(address) as channel,
        serve_quick(address) as service,
    ):
        library = Library(index_pb2_grpc.IndexServiceStub(channel), service)
        await library.put(range(70))
        yield library


async def test_a_hundred_photos_more_leave_names_and_places_and_make_both_stale(
    grown: Library,
) -> None:
    clusters, drawn = [await grown.service.succeeded(spec) for spec in (CLUSTERS, MAP)]
    before, places = await grown.clusters(clusters), await grown.points(drawn)
    assert sorted(size for size, _ in before.values()) == [10, 10, 10, 40]
    named = next(iter(before))
    await clients.call(
        grown.service.stub.NameCluster(
            pb.NameClusterRequest(analysis_id=clusters.analysis_id, cluster_id=named, name="Horses")
        )
    )
    await grown.put(range(70, 170))
    for analysis in (clusters, drawn):
        seen = await grown.service.get(analysis)
        assert (seen.stale, seen.added, seen.removed) == (True, 100, 0)
    after = await grown.points(drawn)
    assert {one: place for one, place in after.items() if one in places} == places
    assert sum(approximate for *_, approximate in after.values()) == 100
    again = await grown.clusters(await grown.service.succeeded(CLUSTERS))
    assert again.keys() == before.keys()
    assert {cluster_id for cluster_id, (_, name) in again.items() if name} == {named}
    assert sum(size for size, _ in again.values()) == 170


async def test_photos_that_go_are_counted_and_leave_the_map(grown: Library) -> None:
    drawn = await grown.service.succeeded(MAP)
    places = await grown.points(drawn)
    await grown.delete(0, 1, 2)
    seen = await grown.service.get(drawn)
    assert (seen.stale, seen.added, seen.removed) == (True, 0, 3)
    after = await grown.points(drawn)
    assert len(after) == 67
    assert after.items() <= places.items()


async def test_a_library_as_it_was_answers_from_what_is_kept(grown: Library) -> None:
    first = await grown.service.succeeded(CLUSTERS)
    assert await grown.service.start(CLUSTERS) == first
    await grown.put([70])
    assert (await grown.service.start(CLUSTERS)).analysis_id != first.analysis_id
