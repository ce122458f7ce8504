"""Every way to call IndexService wrongly gets INVALID_ARGUMENT with the name of the field."""

import dataclasses

import numpy as np
import pytest

from common import codec, errors
from common.samples import Kind, PhotoFacts
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from semapix.v1 import types_pb2 as types
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values

IDS = [values.photo_id(number) for number in range(6)]
NAN = np.full(values.DIMENSION, np.nan, np.float32)
BAD_SEARCHES = {
    "query": [pb.SearchVectorsRequest(fingerprint="model-1", weights=calls.weights(Kind.PHOTO))],
    "query[1].vector": [
        calls.searching(1, query=[pb.QueryVector(vector=calls.vector(v), weight=1)])
        for v in (values.unit(1, 8), NAN, 2 * values.unit(1), values.unit(1)[:0])
    ],
    "query[1].weight": [
        calls.searching(1, query=[pb.QueryVector(vector=calls.vector(values.unit(1)), weight=w)])
        for w in (0.0, float("nan"), float("inf"))
    ],
    "query[1].understood": [
        calls.searching(
            1,
            query=[pb.QueryVector(vector=calls.vector(values.unit(1)), weight=1, understood=u)],
        )
        for u in (-0.1, 1.1, float("nan"))
    ],
    "weights": [
        pb.SearchVectorsRequest(query=calls.searching(1).query, fingerprint="model-1"),
        pb.SearchVectorsRequest(
            query=calls.searching(1).query,
            fingerprint="model-1",
            weights=[types.KindWeight(kind=types.KIND_PHOTO, weight=0)],
        ),
    ],
    "weights[1].weight": [
        calls.searching(1, weights=[types.KindWeight(kind=types.KIND_TEXT, weight=w)])
        for w in (-1.0, float("nan"), float("inf"))
    ],
    "weights[1].kind": [calls.searching(1, weights=[types.KindWeight(weight=1)])],
    "fingerprint": [
        pb.SearchVectorsRequest(query=calls.searching(1).query, weights=calls.weights(Kind.PHOTO))
    ],
    "limit": [calls.searching(1, limit=1_001)],
    "offset": [calls.searching(1, offset=10_001)],
    "threshold": [calls.searching(1, threshold=t) for t in (-0.1, 1.1, float("nan"))],
    "aggregation": [calls.searching(1, aggregation=9)],
    "calibrations[0].pair": [calls.searching(1, calibrations=[types.Calibration(slope=1)])],
    "calibrations[0].slope": [
        calls.searching(1, calibrations=[types.Calibration(pair=types.MODALITY_PAIR_TEXT_TEXT)])
    ],
    "exclude_photo_ids[0]": [calls.searching(1, exclude_photo_ids=["x"])],
}


@pytest.mark.parametrize(
    ("field", "request_"), [(field, r) for field, own in BAD_SEARCHES.items() for r in own]
)
async def test_bad_search_names_its_field(
    stub: rpc.IndexServiceStub, field: str, request_: pb.SearchVectorsRequest
) -> None:
    error = await calls.failure(stub.SearchVectors(request_))
    assert isinstance(error, errors.InvalidInput)
    assert error.field == field


async def test_bad_sizes_name_their_field(stub: rpc.IndexServiceStub) -> None:
    many = pb.BatchGetEntriesRequest(photo_ids=IDS * 200)
    faults = {
        "photos": [
            stub.PutPhotos(pb.PutPhotosRequest(fingerprint="model-1")),
            stub.PutPhotos(calls.putting(*[values.put(1)] * 257)),
        ],
        "photo_ids": [
            stub.DeletePhotos(pb.DeletePhotosRequest()),
            stub.BatchGetEntries(pb.BatchGetEntriesRequest()),
            stub.BatchGetEntries(many),
        ],
        "page_size": [stub.ListEntries(pb.ListEntriesRequest(page_size=1_001))],
        "page_token": [stub.ListEntries(pb.ListEntriesRequest(page_token="?"))],
        "missing_stage": [stub.ListEntries(pb.ListEntriesRequest(missing_stage=9))],  # type: ignore[arg-type]
    }
    for field, refused in faults.items():
        for call in refused:
            error = await calls.failure(call)
            assert isinstance(error, errors.InvalidInput)
            assert error.field == field


def _update(number: int, **facts: object) -> pb.PhotoUpdate:
    update = calls.update(values.put(number))
    changed: PhotoFacts = dataclasses.replace(values.facts(number), **facts)  # type: ignore[arg-type]
    update.facts.CopyFrom(codec.facts_to(changed))
    return update


def _boxed(box: types.Box) -> pb.PhotoUpdate:
    update = calls.update(values.put(7))
    update.samples[0].sample.box.CopyFrom(box)
    return update


BAD_PHOTOS = {
    "photos[0].facts.photo_id": _update(7, photo_id="x"),
    "photos[0].facts.width": _update(7, width=0),
    "photos[0].facts.bytes": _update(7, bytes=2**63),
    "photos[0].samples[0].sample.box": _boxed(types.Box(x=0.5, y=0, width=0.6, height=0.1)),
    "photos[0].samples[0].sample.photo_id": _update(7, photo_id=values.photo_id(8)),
}


@pytest.mark.parametrize(("field", "update"), BAD_PHOTOS.items())
async def test_bad_photo_names_its_field(
    stub: rpc.IndexServiceStub, field: str, update: pb.PhotoUpdate
) -> None:
    request = pb.PutPhotosRequest(photos=[update], fingerprint=values.FINGERPRINT)
    (result,) = (await stub.PutPhotos(request)).results
    assert result.status.code == 3
    assert result.status.message.startswith(f"{field}: ")
    assert (await stub.GetStats(pb.GetStatsRequest())).photos == 6
