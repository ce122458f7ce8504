"""Marks: how many samples came after a stream, whatever went meanwhile."""

import pytest

from common import clients, errors
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values


async def marked(stub: rpc.IndexServiceStub) -> int:
    """Return the mark of a stream of everything."""
    found = [message async for message in stub.StreamVectors(pb.StreamVectorsRequest())]
    assert len({message.mark for message in found}) == 1
    return found[0].mark


async def since(stub: rpc.IndexServiceStub, *marks: int) -> list[dict[int, int]]:
    """Return the counts by kind after each mark."""
    stats = await clients.call(stub.GetStats(pb.GetStatsRequest(marks=marks)))
    return [{count.kind: count.count for count in one.samples} for one in stats.since]


async def test_samples_that_came_after_a_mark_are_counted_by_kind(
    stub: rpc.IndexServiceStub,
) -> None:
    before = await marked(stub)
    await stub.PutPhotos(calls.putting(*(values.put(n, calls.photo_and_texts(n)) for n in (7, 8))))
    await stub.DeletePhotos(pb.DeletePhotosRequest(photo_ids=[values.photo_id(0)]))
    assert await since(stub, before, await marked(stub), 0) == [{1: 2, 8: 4}, {}, {1: 7, 8: 14}]


async def test_newest_sample_that_went_does_not_hide_the_next(stub: rpc.IndexServiceStub) -> None:
    before = await marked(stub)
    await stub.DeletePhotos(pb.DeletePhotosRequest(photo_ids=[values.photo_id(5)]))
    await stub.PutPhotos(calls.putting(values.put(7)))
    assert await since(stub, before) == [{1: 1}]


async def test_empty_library_has_the_mark_zero(empty: rpc.IndexServiceStub) -> None:
    assert await marked(empty) == 0


@pytest.mark.parametrize("marks", [[2**63], [0] * 1001])
async def test_marks_that_are_none_are_refused(
    stub: rpc.IndexServiceStub, marks: list[int]
) -> None:
    with pytest.raises(errors.InvalidInput, match="marks"):
        await since(stub, *marks)
