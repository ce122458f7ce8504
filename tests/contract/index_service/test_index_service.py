"""IndexService on a real socket: every call, and every way to call it wrongly."""

import asyncio
from pathlib import Path

import grpc
import numpy as np
import pytest

from common import codec, errors, statuses
from common.samples import Kind, Stage, StageRecord
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from semapix.v1 import types_pb2 as types
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values

IDS = [values.photo_id(number) for number in range(6)]
NAN = np.full(values.DIMENSION, np.nan, np.float32)


async def test_photo_put_is_found_listed_and_described(stub: rpc.IndexServiceStub) -> None:
    found = await stub.SearchVectors(calls.searching(3, limit=2))
    got = await stub.BatchGetEntries(pb.BatchGetEntriesRequest(photo_ids=IDS[3:4]))
    listed = await stub.ListEntries(pb.ListEntriesRequest(page_size=4))
    assert found.hits[0].facts.photo_id == IDS[3]
    assert found.hits[0].matches[0].cosine == pytest.approx(1.0)
    assert len(found.hits) == 2
    assert codec.facts_from(got.results[0].entry.facts) == values.facts(3)
    assert [sample.kind for sample in got.results[0].entry.samples] == [1, 8, 8]
    assert [entry.facts.photo_id for entry in listed.entries] == IDS[5:1:-1]
    assert (listed.total, bool(listed.next_page_token)) == (6, True)


async def test_put_tells_what_is_new_and_what_is_wrong(stub: rpc.IndexServiceStub) -> None:
    bad = values.VectorSample(values.sample(8, Kind.PHOTO), NAN)
    puts = [values.put(7), values.put(1), values.put(8, [bad]), values.put(9)]
    answer = await stub.PutPhotos(calls.putting(*puts))
    assert [result.created for result in answer.results] == [True, False, False, True]
    assert [result.status.code for result in answer.results] == [0, 0, 3, 0]
    assert answer.results[2].status.message.startswith("photos[2].samples[0].vector: holds")
    assert answer.revision == 15


async def test_deleted_photo_is_gone(stub: rpc.IndexServiceStub) -> None:
    unknown = values.photo_id(99)
    answer = await stub.DeletePhotos(pb.DeletePhotosRequest(photo_ids=[IDS[3], unknown, "x"]))
    got = await stub.BatchGetEntries(pb.BatchGetEntriesRequest(photo_ids=[IDS[3], IDS[2]]))
    found = await stub.SearchVectors(calls.searching(3))
    assert [status.code for status in answer.statuses] == [0, 5, 3]
    assert isinstance(statuses.item_error(answer.statuses[2]), errors.InvalidInput)
    assert [result.status.code for result in got.results] == [5, 0]
    assert IDS[3] not in {match.facts.photo_id for match in found.hits}
    assert found.revision == answer.revision == 13


async def test_entries_without_samples_keep_their_stages(stub: rpc.IndexServiceStub) -> None:
    request = pb.BatchGetEntriesRequest(photo_ids=IDS[:1], omit_samples=True)
    entry = (await stub.BatchGetEntries(request)).results[0].entry
    assert ([*entry.samples], [record.stage for record in entry.stages]) == ([], [1, 3])


async def test_listing_brings_photos_that_lack_a_stage(stub: rpc.IndexServiceStub) -> None:
    done = values.put(2, [], stages=[StageRecord(Stage.DETECT, "yolox")])
    await stub.PutPhotos(calls.putting(done))
    request = pb.ListEntriesRequest(missing_stage=types.STAGE_DETECT, oldest_first=True)
    listed = await stub.ListEntries(request)
    assert [entry.facts.photo_id for entry in listed.entries] == IDS[:2] + IDS[3:]
    assert listed.total == 5


async def test_stats_count(stub: rpc.IndexServiceStub) -> None:
    stats = await stub.GetStats(pb.GetStatsRequest())
    assert (stats.photos, stats.revision) == (6, 12)
    assert (stats.fingerprint, stats.dimension) == (values.FINGERPRINT, values.DIMENSION)
    assert {c.kind: c.count for c in stats.samples if c.count} == {1: 6, 8: 12}
    assert {c.stage: c.count for c in stats.missing} == {1: 0, 2: 6, 3: 0}
    assert {c.stage: c.count for c in stats.failed} == {1: 0, 2: 0, 3: 0}
    assert stats.disk_bytes > 10_000


async def test_search_skips_excludes_and_cuts_off(stub: rpc.IndexServiceStub) -> None:
    whole = [m.facts.photo_id for m in (await stub.SearchVectors(calls.searching(3))).hits]
    page = await stub.SearchVectors(calls.searching(3, limit=2, offset=1))
    without = await stub.SearchVectors(calls.searching(3, exclude_photo_ids=[IDS[3]]))
    strict = await stub.SearchVectors(calls.searching(3, threshold=0.99))
    assert [m.facts.photo_id for m in page.hits] == whole[1:3]
    assert [m.facts.photo_id for m in without.hits] == whole[1:]
    assert [m.facts.photo_id for m in strict.hits] == IDS[3:4]


async def test_calibration_decides_between_kinds(stub: rpc.IndexServiceStub) -> None:
    """An unrelated text is nearer than the right photo, as with CLIP; constants mend it."""
    text = values.texts(0, 1)[0].vector
    photo = values.unit(5)
    query = pb.QueryVector(vector=calls.vector(_between(photo, text)), is_text=True, weight=1)
    request = pb.SearchVectorsRequest(
        query=[query],
        fingerprint=values.FINGERPRINT,
        weights=calls.weights(Kind.PHOTO, Kind.TEXT),
    )
    plain = await stub.SearchVectors(request)
    request.calibrations.add(pair=types.MODALITY_PAIR_TEXT_IMAGE, slope=20, offset=-4)
    request.calibrations.add(pair=types.MODALITY_PAIR_TEXT_TEXT, slope=20, offset=-18)
    mended = await stub.SearchVectors(request)
    assert plain.hits[0].facts.photo_id == IDS[0]
    assert mended.hits[0].facts.photo_id == IDS[5]
    assert mended.hits[0].matches[0].score > 0.5


async def test_pictures_score_less_for_a_text_that_means_little_and_texts_do_not(
    stub: rpc.IndexServiceStub,
) -> None:
    text = values.texts(0, 1)[0].vector
    query = pb.QueryVector(vector=calls.vector(text), is_text=True, weight=1, understood=0.02)
    request = calls.searching(0, weights=calls.weights(Kind.TEXT))
    request.query.pop()
    request.query.append(query)
    answer = await stub.SearchVectors(request)
    scores = [(m.sample.kind, m.score, m.cosine) for hit in answer.hits for m in hit.matches]
    assert scores[0][:2] == (Kind.TEXT, pytest.approx(1.0))
    pictures = [(score, cosine) for kind, score, cosine in scores if kind == Kind.PHOTO]
    assert pictures
    assert all(s == pytest.approx(0.02 * max(c, 0.0), abs=1e-6) for s, c in pictures)


def _between(photo: values.Floats, text: values.Floats) -> values.Floats:
    mixed = photo + np.float32(2) * text
    return np.asarray(mixed / np.linalg.norm(mixed), np.float32)


async def test_stream_brings_every_vector_of_one_revision(stub: rpc.IndexServiceStub) -> None:
    found = [message async for message in stub.StreamVectors(pb.StreamVectorsRequest())]
    ids = [item.sample.sample_id for message in found for item in message.samples]
    texts = pb.StreamVectorsRequest(kinds=[types.KIND_TEXT])
    (only,) = [message async for message in stub.StreamVectors(texts)]
    assert {(m.revision, m.fingerprint, m.total) for m in found} == {(12, values.FINGERPRINT, 18)}
    assert ids == sorted(ids)
    assert (len(ids), len(only.samples), only.total) == (18, 12, 12)
    vectors = {i.sample.sample_id: i.vector.values for m in found for i in m.samples}
    own = values.texts(4, 1)[0]
    assert vectors[own.sample.sample_id] == calls.vector(own.vector).values


async def test_stream_keeps_its_revision_while_photos_come(stub: rpc.IndexServiceStub) -> None:
    many = [values.put(n, calls.photo_and_texts(n)) for n in range(10, 210)]
    await stub.PutPhotos(calls.putting(*many))
    stream = aiter(stub.StreamVectors(pb.StreamVectorsRequest()))
    first = await anext(stream)
    await stub.PutPhotos(calls.putting(values.put(300)))
    rest = [message async for message in stream]
    assert {message.revision for message in (first, *rest)} == {212}
    assert sum(len(message.samples) for message in (first, *rest)) == first.total == 618


async def test_abandoned_streams_give_their_connections_back(stub: rpc.IndexServiceStub) -> None:
    many = [values.put(n, calls.photo_and_texts(n)) for n in range(10, 210)]
    await stub.PutPhotos(calls.putting(*many))
    for _ in range(20):
        stream = stub.StreamVectors(pb.StreamVectorsRequest())
        await stream.read()
        stream.cancel()
    await asyncio.sleep(0.1)
    assert (await stub.GetStats(pb.GetStatsRequest())).photos == 206


async def test_empty_library_answers(empty: rpc.IndexServiceStub) -> None:
    found = await empty.SearchVectors(calls.searching(1))
    streamed = [message async for message in empty.StreamVectors(pb.StreamVectorsRequest())]
    stats = await empty.GetStats(pb.GetStatsRequest())
    listed = await empty.ListEntries(pb.ListEntriesRequest())
    assert not found.hits
    assert streamed == [pb.StreamVectorsResponse()]
    assert (stats.photos, stats.fingerprint, stats.dimension, stats.revision) == (0, "", 0, 0)
    assert (len(listed.entries), listed.next_page_token, listed.total) == (0, "", 0)


async def test_library_survives_a_restart(tmp_path: Path) -> None:
    async with calls.serving(tmp_path) as stub:
        await stub.PutPhotos(calls.putting(values.put(1), values.put(2)))
    async with calls.serving(tmp_path) as stub:
        found = await stub.SearchVectors(calls.searching(2))
    assert (found.hits[0].facts.photo_id, found.revision) == (IDS[2], 2)


async def test_vectors_of_another_model_are_a_mismatch(stub: rpc.IndexServiceStub) -> None:
    foreign = values.put(7, fingerprint="model-2")
    put = await calls.failure(stub.PutPhotos(calls.putting(foreign)))
    search = await calls.failure(stub.SearchVectors(calls.searching(1, fingerprint="model-2")))
    assert isinstance(put, errors.Mismatch)
    assert isinstance(search, errors.Mismatch)


async def test_photos_put_at_once_all_arrive(empty: rpc.IndexServiceStub) -> None:
    requests = [calls.putting(values.put(n), values.put(n + 100)) for n in range(30)]
    answers = await asyncio.gather(*(empty.PutPhotos(request) for request in requests))
    assert all(result.created for answer in answers for result in answer.results)
    assert len({answer.revision for answer in answers}) == 30
    assert (await empty.GetStats(pb.GetStatsRequest())).photos == 60


async def test_two_models_at_once_leave_one(empty: rpc.IndexServiceStub) -> None:
    puts = [values.put(n, fingerprint=f"model-{n % 2}") for n in range(8)]
    answers = await asyncio.gather(
        *(empty.PutPhotos(calls.putting(put)) for put in puts), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, grpc.RpcError)]
    assert len(refused) == 4
    assert {error.code() for error in refused} == {grpc.StatusCode.FAILED_PRECONDITION}
