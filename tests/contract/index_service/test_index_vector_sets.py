"""A second vector set by rpc: built beside the first, swapped at once or dropped."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from common import clients, errors
from index_service import vector_sets
from semapix.v1 import index_keeping_pb2, index_keeping_pb2_grpc, index_pb2, index_pb2_grpc
from semapix.v1 import vector_sets_pb2 as pb
from semapix.v1 import vector_sets_pb2_grpc as rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values

SECOND = pb.VectorSet(fingerprint="model-2", dimension=24, model="X", embedder="127.0.0.1:9")


class Library:
    """Three photos with two texts each, and the rpcs that matter here."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.index = index_pb2_grpc.IndexServiceStub(channel)
        self.keeping = index_keeping_pb2_grpc.IndexKeepingServiceStub(channel)
        self.sets = rpc.VectorSetServiceStub(channel)

    async def begin(self, one: pb.VectorSet = SECOND) -> pb.BeginVectorSetResponse:
        return await clients.call(self.sets.BeginVectorSet(pb.BeginVectorSetRequest(set=one)))

    async def state(self) -> pb.GetVectorSetsResponse:
        return await clients.call(self.sets.GetVectorSets(pb.GetVectorSetsRequest()))

    async def lacking(self, **fields: object) -> pb.ListLackingResponse:
        request = pb.ListLackingRequest(fingerprint="model-2", **fields)  # type: ignore[arg-type]
        return await clients.call(self.sets.ListLacking(request))

    async def fill(self) -> None:
        """Add a vector for all that is lacking, the same for all samples of a photo."""
        for photo in (await self.lacking()).photos:
            await self.add(*(sample.sample_id for sample in photo.samples), seed=photo.photo_id)

    async def add(self, *sample_ids: str, seed: str = "1") -> list[int]:
        vector = calls.vector(values.unit(int(seed[:4], 16), 24))
        made = [pb.SampleVector(sample_id=own, vector=vector) for own in sample_ids]
        request = pb.AddVectorsRequest(fingerprint="model-2", vectors=made)
        answer = await clients.call(self.sets.AddVectors(request))
        return [status.code for status in answer.statuses]

    async def swap(self) -> pb.SwapVectorSetsResponse:
        request = pb.SwapVectorSetsRequest(fingerprint="model-2")
        return await clients.call(self.sets.SwapVectorSets(request))

    async def nearest(self, number: int) -> str:
        """Return the photo nearest to `number` by the first model."""
        answer = await clients.call(self.index.SearchVectors(calls.searching(number)))
        return answer.hits[0].facts.photo_id


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with calls.connected(tmp_path) as channel:
        made = Library(channel)
        puts = [values.put(n, calls.photo_and_texts(n)) for n in range(3)]
        await made.index.PutPhotos(calls.putting(*puts))
        yield made


async def test_what_lacks_is_paged_by_photo(library: Library) -> None:
    assert (await library.begin()).is_second
    first = await library.lacking(page_size=2)
    rest = await library.lacking(page_size=2, page_token=first.next_page_token)
    pages = [*first.photos, *rest.photos]
    assert [one.photo_id for one in pages] == [values.photo_id(n) for n in range(3)]
    assert {len(one.samples) for one in pages} == {3}
    assert not rest.next_page_token


async def test_old_vectors_serve_until_the_swap_and_the_new_ones_after_it(library: Library) -> None:
    before = await library.state()
    await library.begin()
    await library.fill()
    assert await library.nearest(1) == values.photo_id(1)
    done = await library.state()
    assert (done.samples, done.done, done.second) == (9, 9, SECOND)
    answer = await library.swap()
    after = await library.state()
    assert (before.serving.fingerprint, after.serving) == ("model-1", SECOND)
    assert not after.HasField("second")
    stats = await library.index.GetStats(index_pb2.GetStatsRequest())
    assert (stats.revision, stats.fingerprint, stats.dimension) == (answer.revision, "model-2", 24)
    assert isinstance(await calls.failure(library.nearest(1)), errors.Mismatch)


async def test_the_second_set_leaves_the_revision_alone(library: Library) -> None:
    before = (await library.index.GetStats(index_pb2.GetStatsRequest())).revision
    await library.begin()
    await library.fill()
    await library.sets.DropVectorSet(pb.DropVectorSetRequest(fingerprint="model-2"))
    assert (await library.index.GetStats(index_pb2.GetStatsRequest())).revision == before


async def test_a_swap_is_refused_while_a_sample_lacks_its_vector(library: Library) -> None:
    await library.begin()
    await library.fill()
    await library.index.PutPhotos(calls.putting(values.put(7)))
    assert "1 samples lack" in str(await calls.failure(library.swap()))
    await library.fill()
    assert (await library.swap()).revision == 5


async def test_streams_and_checks_see_the_serving_set_alone(library: Library) -> None:
    await library.begin()
    await library.fill()
    stream = clients.stream(library.index.StreamVectors(index_pb2.StreamVectorsRequest()))
    rows = [one async for answer in stream for one in answer.samples]
    assert len(rows) == 9
    assert {len(one.vector.values) for one in rows} == {4 * values.DIMENSION}
    request = index_keeping_pb2.CheckCatalogueRequest()
    found = [one async for one in clients.stream(library.keeping.CheckCatalogue(request))]
    assert not [one for one in found if one.HasField("finding")]


async def test_vectors_of_a_dropped_set_are_swept_away(library: Library) -> None:
    await library.begin()
    await library.fill()
    await library.sets.DropVectorSet(pb.DropVectorSetRequest(fingerprint="model-2"))
    swept = [await library.sets.SweepVectors(pb.SweepVectorsRequest()) for _ in range(2)]
    assert [one.deleted for one in swept] == [9, 0]
    assert await library.nearest(1) == values.photo_id(1)


async def test_samples_that_are_gone_are_told_one_by_one(library: Library) -> None:
    await library.begin()
    known = (await library.lacking()).photos[0].samples[0].sample_id
    assert await library.add(known, "0" * 32) == [0, 5]
    assert await library.add(known) == [0]


async def test_one_model_at_a_time_and_vectors_of_no_other(library: Library) -> None:
    await library.begin()
    third = pb.VectorSet(fingerprint="model-3", dimension=8)
    assert "embedded anew with X" in str(await calls.failure(library.begin(third)))
    request = pb.AddVectorsRequest(
        fingerprint="model-3",
        vectors=[pb.SampleVector(sample_id="1" * 32, vector=calls.vector(values.unit(1, 8)))],
    )
    call = library.sets.AddVectors(request)
    assert isinstance(await calls.failure(call), errors.Mismatch)
    request.fingerprint = "model-2"
    error = await calls.failure(library.sets.AddVectors(request))
    assert "vectors[0].vector: has 8 dimensions, the set has 24" in str(error)


async def test_room_is_looked_for_before_a_set_is_begun(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_sets, "SPARE_BYTES", 2**60)
    error = await calls.failure(library.begin())
    assert isinstance(error, errors.Mismatch)
    assert "make room" in str(error)
    assert not (await library.state()).HasField("second")


async def test_a_swap_that_runs_out_of_memory_never_was(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.begin()
    await library.fill()

    def full(*_: object) -> object:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("index_service.indices.loaded", full)
        await calls.failure(library.swap())
    assert (await library.state()).second == SECOND
    assert await library.nearest(1) == values.photo_id(1)
    await library.swap()
