"""The trash, the check and the copy of a served library."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common import clients, errors
from common.samples import Kind
from index_service import disk
from semapix.v1 import index_keeping_pb2 as keeping
from semapix.v1 import index_keeping_pb2_grpc as keeping_rpc
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values

PHOTOS = 4


@dataclass(frozen=True)
class Served:
    index: rpc.IndexServiceStub
    keeping: keeping_rpc.IndexKeepingServiceStub
    folder: Path


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """Some photos, two texts in each."""
    async with calls.connected(tmp_path) as channel:
        index = rpc.IndexServiceStub(channel)
        puts = [values.put(n, calls.photo_and_texts(n)) for n in range(PHOTOS)]
        await index.PutPhotos(calls.putting(*puts))
        yield Served(index, keeping_rpc.IndexKeepingServiceStub(channel), tmp_path)


async def checked(served: Served, *, repair: bool = False) -> list[keeping.Finding]:
    request = keeping.CheckCatalogueRequest(repair=repair)
    answers = [one async for one in clients.stream(served.keeping.CheckCatalogue(request))]
    assert max(answer.done for answer in answers) <= answers[-1].total
    return [answer.finding for answer in answers if answer.HasField("finding")]


def spoil(served: Served, statement: str, *, strictly: str = "ON") -> None:
    with contextlib.closing(sqlite3.connect(served.folder / disk.CATALOGUE)) as other, other:
        other.execute(f"PRAGMA foreign_keys = {strictly}")
        other.execute(statement)


async def found(served: Served, number: int) -> list[str]:
    answer = await served.index.SearchVectors(calls.searching(number))
    return [match.facts.photo_id for match in answer.hits]


async def test_trashed_photos_are_gone_and_come_back(served: Served) -> None:
    ids = [values.photo_id(1), values.photo_id(99), "nonsense"]
    answer = await served.keeping.TrashPhotos(keeping.TrashPhotosRequest(photo_ids=ids))
    assert [status.code for status in answer.statuses] == [0, 5, 3]
    assert values.photo_id(1) not in await found(served, 1)
    assert (await served.index.GetStats(pb.GetStatsRequest())).photos == PHOTOS - 1
    listed = await served.keeping.ListTrashed(keeping.ListTrashedRequest())
    assert [one.facts.photo_id for one in listed.photos] == [values.photo_id(1)]
    assert listed.total == 1
    assert listed.photos[0].trashed_at_s > 1_700_000_000

    request = keeping.UntrashPhotosRequest(photo_ids=[values.photo_id(1), values.photo_id(99)])
    answer = await served.keeping.UntrashPhotos(request)
    assert [status.code for status in answer.statuses] == [0, 5]
    assert (await found(served, 1))[0] == values.photo_id(1)


async def test_purge_spares_what_is_not_in_the_trash(served: Served) -> None:
    await served.keeping.TrashPhotos(keeping.TrashPhotosRequest(photo_ids=[values.photo_id(1)]))
    request = keeping.PurgePhotosRequest(photo_ids=[values.photo_id(1), values.photo_id(2)])
    answer = await served.keeping.PurgePhotos(request)
    assert [status.code for status in answer.statuses] == [0, 5]
    assert (await served.keeping.ListTrashed(keeping.ListTrashedRequest())).total == 0
    assert (await found(served, 2))[0] == values.photo_id(2)


async def test_bad_page_token_is_refused(served: Served) -> None:
    request = keeping.ListTrashedRequest(page_token="nonsense")
    error = await calls.failure(served.keeping.ListTrashed(request))
    assert isinstance(error, errors.InvalidInput)
    assert error.field == "page_token"


async def test_sound_library_has_no_findings(served: Served) -> None:
    assert await checked(served) == []


async def test_lost_vector_is_found_and_its_stage_done_again(served: Served) -> None:
    text = f"(SELECT min(number) FROM samples WHERE kind = {int(Kind.TEXT)})"
    spoil(served, f"DELETE FROM vectors WHERE sample = {text}")
    kinds = {keeping.FINDING_KIND_VECTOR, keeping.FINDING_KIND_GRAPH}
    assert {finding.kind for finding in await checked(served)} == kinds
    assert all(finding.repaired for finding in await checked(served, repair=True))
    assert await checked(served) == []
    missing = (await served.index.GetStats(pb.GetStatsRequest())).missing
    assert sum(one.count for one in missing if one.stage == 3) == 1


@pytest.mark.parametrize("vector", ["zeroblob(64)", "x'0000803f'"])
async def test_bad_vector_is_found_and_hinders_no_start(served: Served, vector: str) -> None:
    spoil(served, f"UPDATE vectors SET vector = {vector} WHERE sample = 1")
    finding = (await checked(served))[0]
    assert (finding.kind, finding.repaired) == (keeping.FINDING_KIND_VECTOR, False)
    assert "stage WHOLE" in finding.message


async def test_library_with_a_lost_vector_still_starts(tmp_path: Path) -> None:
    async with calls.connected(tmp_path) as channel:
        await rpc.IndexServiceStub(channel).PutPhotos(
            calls.putting(*[values.put(n) for n in range(2)])
        )
    with contextlib.closing(sqlite3.connect(tmp_path / disk.CATALOGUE)) as other, other:
        other.execute("DELETE FROM vectors WHERE sample = 1")
    async with calls.connected(tmp_path) as channel:
        answer = await rpc.IndexServiceStub(channel).SearchVectors(calls.searching(1))
    assert [match.facts.photo_id for match in answer.hits] == [values.photo_id(1)]


async def test_photo_without_samples_is_found(served: Served) -> None:
    spoil(served, "DELETE FROM samples WHERE photo = 1")
    kinds = [finding.kind for finding in await checked(served)]
    assert kinds[0] == keeping.FINDING_KIND_WHOLE
    repaired = await checked(served, repair=True)
    assert not repaired[0].repaired
    assert all(finding.repaired for finding in repaired[1:])


async def test_row_of_nobody_is_found(served: Served) -> None:
    spoil(
        served,
        "INSERT INTO stages (photo, stage, model, error) VALUES (999, 1, 'm', '')",
        strictly="OFF",
    )
    (finding,) = await checked(served, repair=True)
    assert (finding.kind, finding.repaired) == (keeping.FINDING_KIND_CATALOGUE, True)
    assert "1 rows of stages belong to rows of photos that are gone" in finding.message
    assert await checked(served) == []


async def test_copy_is_a_catalogue_of_one_revision(served: Served, tmp_path: Path) -> None:
    await served.keeping.TrashPhotos(keeping.TrashPhotosRequest(photo_ids=[values.photo_id(1)]))
    stream = clients.stream(served.keeping.SnapshotCatalogue(keeping.SnapshotCatalogueRequest()))
    answers = [one async for one in stream]
    path = tmp_path / "copy.sqlite"
    path.write_bytes(b"".join(answer.chunk for answer in answers))
    with contextlib.closing(sqlite3.connect(path)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT COUNT(*) FROM photos").fetchone() == (PHOTOS - 1,)
        assert copy.execute("SELECT revision FROM meta").fetchone() == (answers[0].revision,)
    ids = [photo_id for answer in answers for photo_id in answer.photo_ids]
    assert sorted(ids) == sorted(values.photo_id(n) for n in range(PHOTOS))
    assert not list(served.folder.glob(f"{disk.COPY}*"))
