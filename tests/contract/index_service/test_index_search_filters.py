"""Filters, thresholds and places over the wire; every wrong field of a filter is named."""

import pytest

from common import clients, errors
from common.samples import Kind
from semapix.v1 import filters_pb2 as filters
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values


def ids(answer: pb.SearchVectorsResponse) -> list[str]:
    return [match.facts.photo_id for match in answer.hits]


def filtered(**fields: object) -> pb.SearchVectorsRequest:
    return pb.SearchVectorsRequest(filter=filters.SearchFilter(**fields))  # type: ignore[arg-type]


async def test_filter_alone_lists_the_newest_with_the_texts_asked_for(
    stub: rpc.IndexServiceStub,
) -> None:
    request = filtered(read_text=filters.ReadText(text="Word 1"))
    request.limit = 2
    first = await clients.call(stub.SearchVectors(request))
    request.after.CopyFrom(first.next)
    second = await clients.call(stub.SearchVectors(request))
    assert ids(first) + ids(second) == [values.photo_id(number) for number in (5, 4, 3, 2)]
    assert [sample.sample.text for sample in first.hits[0].matches] == ["word 1"]
    assert not first.thresholds


async def test_filter_of_kinds_hides_the_others(stub: rpc.IndexServiceStub) -> None:
    request = calls.searching(3, weights=calls.weights(Kind.TEXT))
    request.filter.kinds.append(int(Kind.TEXT))  # type: ignore[arg-type]
    answer = await clients.call(stub.SearchVectors(request))
    kinds = {sample.sample.kind for match in answer.hits for sample in match.matches}
    assert kinds == {Kind.TEXT}


async def test_thresholds_that_were_applied_are_told(stub: rpc.IndexServiceStub) -> None:
    given = await clients.call(stub.SearchVectors(calls.searching(3, threshold=0.25)))
    auto = await clients.call(stub.SearchVectors(calls.searching(3, auto_threshold=True)))
    none = await clients.call(stub.SearchVectors(calls.searching(3)))
    assert [(one.kind, one.score) for one in given.thresholds] == [(Kind.PHOTO, 0.25)]
    assert [(one.score, one.background) for one in auto.thresholds] == [(0.5, 0)]
    assert not none.thresholds
    assert ids(auto) == [values.photo_id(3)]


async def test_next_page_begins_where_the_last_one_ended(stub: rpc.IndexServiceStub) -> None:
    whole = await clients.call(stub.SearchVectors(calls.searching(3)))
    first = await clients.call(stub.SearchVectors(calls.searching(3, limit=4)))
    following = calls.searching(3, limit=4, after=first.next, offset=4)
    second = await clients.call(stub.SearchVectors(following))
    assert ids(first) + ids(second) == ids(whole)
    assert first.HasField("next")
    assert not second.HasField("next")


BAD = {
    "query": filtered(),
    "filter.kinds[0]": filtered(kinds=[0]),
    "filter.labels": filtered(labels=["dog"] * 101),
    "filter.labels[1]": filtered(labels=["dog", " "]),
    "filter.formats[0]": filtered(formats=[""]),
    "filter.cameras[0]": filtered(cameras=["\t"]),
    "filter.taken": filtered(taken=filters.TimeRange()),
    "filter.imported": filtered(imported=filters.TimeRange(from_s=5, until_s=5)),
    "filter.orientation": filtered(orientation=9),
    "after.rank": pb.SearchVectorsRequest(
        filter=filters.SearchFilter(labels=["dog"]), after=pb.SearchCursor(rank=float("nan"))
    ),
    "after.photo_id": pb.SearchVectorsRequest(
        filter=filters.SearchFilter(labels=["dog"]), after=pb.SearchCursor(photo_id="x")
    ),
    "filter.kinds": calls.searching(1, filter=filters.SearchFilter(kinds=[int(Kind.ANIMAL)])),  # type: ignore[list-item]
}


@pytest.mark.parametrize("field", BAD)
async def test_wrong_field_of_a_filter_is_named(stub: rpc.IndexServiceStub, field: str) -> None:
    error = await calls.failure(stub.SearchVectors(BAD[field]))
    assert isinstance(error, errors.InvalidInput)
    assert error.field == field


@pytest.mark.parametrize("text", ["", " ", "x", "\0", "y" * 201])
async def test_text_too_short_or_too_long_to_look_for_is_refused(
    stub: rpc.IndexServiceStub, text: str
) -> None:
    request = filtered(read_text=filters.ReadText(text=text))
    error = await calls.failure(stub.SearchVectors(request))
    assert isinstance(error, errors.InvalidInput)
    assert error.field == "filter.read_text.text"


async def test_hostile_texts_are_only_texts(stub: rpc.IndexServiceStub) -> None:
    for text in ('"', '""" OR 1', "word' --", "a*b NEAR(", "%_%", "🐶🐶🐶"):
        request = filtered(read_text=filters.ReadText(text=text + "  ..", fuzzy=False))
        assert not (await clients.call(stub.SearchVectors(request))).hits
