"""Imports in the catalogue: exact counts, what is settled, what was rejected, stages once more."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common import clients, errors, server
from common.batching import Batcher
from common.samples import Stage, StageRecord
from index_service import library, servicer_keeping
from index_service.settings import Settings
from semapix.v1 import gateway_pb2 as outcomes
from semapix.v1 import import_records_pb2 as pb
from semapix.v1 import import_records_pb2_grpc as rpc
from semapix.v1 import index_pb2 as index
from semapix.v1 import index_pb2_grpc as index_rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values

ADDED, DUPLICATE = outcomes.OUTCOME_ADDED, outcomes.OUTCOME_DUPLICATE
REJECTED, FAILED = outcomes.OUTCOME_REJECTED, outcomes.OUTCOME_FAILED
DAMAGED = outcomes.REJECT_REASON_DAMAGED


class Served:
    """A library with the stubs that an import needs."""

    def __init__(self, channel: object) -> None:
        self.imports = rpc.ImportRecordsServiceStub(channel)  # type: ignore[arg-type]
        self.photos = index_rpc.IndexServiceStub(channel)  # type: ignore[arg-type]

    async def open(self, import_id: str = "one", **fields: object) -> pb.ImportRecord:
        record = pb.ImportRecord(import_id=import_id, **fields)  # type: ignore[arg-type]
        answer = await self.imports.OpenImport(pb.OpenImportRequest(record=record))
        return answer.record

    async def put(self, number: int, *, import_id: str = "one", source: str = "") -> None:
        put = values.put(number)
        facts = dataclasses.replace(put.facts, sources=(source,) if source else ())
        request = calls.putting(dataclasses.replace(put, facts=facts))
        request.photos[0].import_id = import_id
        await self.photos.PutPhotos(request)

    async def note(self, *items: pb.ImportItem, import_id: str = "one") -> None:
        request = pb.RecordItemsRequest(import_id=import_id, items=items)
        await clients.call(self.imports.RecordItems(request))

    async def counts(self, import_id: str = "one") -> tuple[int, int, int, int]:
        request = pb.GetImportRecordRequest(import_id=import_id)
        found = (await clients.call(self.imports.GetImportRecord(request))).record
        return found.added, found.duplicate, found.rejected, found.failed

    async def settled(self, *items: pb.ImportItem, import_id: str = "one") -> list[int]:
        request = pb.LookUpItemsRequest(import_id=import_id, items=items)
        return [item.outcome for item in (await self.imports.LookUpItems(request)).items]

    async def rejected(self, **fields: object) -> pb.ListRejectionsResponse:
        request = pb.ListRejectionsRequest(**fields)  # type: ignore[arg-type]
        return await clients.call(self.imports.ListRejections(request))


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    with library.opened(Settings(folder=folder)) as owned:
        writing = Batcher(owned.apply, max_batch=512, max_waiting=4_096)
        register = servicer_keeping.registered(owned, writing)
        names = servicer_keeping.NAMES
        async with (
            writing.running(),
            server.running(register, names=names, address="127.0.0.1:0") as running,
        ):
            await running.set_ready()
            async with clients.channel(f"127.0.0.1:{running.port}") as channel:
                yield Served(channel)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as found:
        yield found


def photo_id(number: int) -> str:
    return values.put(number).facts.photo_id


def item(source: str, number: int, outcome: int = 0, **fields: object) -> pb.ImportItem:
    found = pb.ImportItem(source=source, photo_id=photo_id(number), **fields)  # type: ignore[arg-type]
    found.outcome = outcome  # type: ignore[assignment]
    return found


async def test_an_import_counts_each_source_once_and_never_forgets_that_it_added_it(
    served: Served,
) -> None:
    await served.open()
    await served.put(0, source="/a.jpg")
    await served.note(item("/a.jpg", 0, DUPLICATE), item("/copy.jpg", 0, DUPLICATE))
    await served.note(item("/b.jpg", 1, FAILED))
    assert await served.counts() == (1, 1, 0, 1)
    await served.note(item("/b.jpg", 1, FAILED))
    await served.put(1, source="/b.jpg")
    assert await served.counts() == (2, 1, 0, 0)


async def test_a_library_that_was_closed_knows_its_imports(tmp_path: Path) -> None:
    async with serving(tmp_path) as first:
        await first.open(paths=["/photos"], total=3, label="holiday")
        await first.put(0, source="/photos/a.jpg")
        await first.note(item("/photos/b.jpg", 1, REJECTED, reason=DAMAGED, message="torn"))
    async with serving(tmp_path) as second:
        record = await second.open()
        assert await second.counts() == (1, 0, 1, 0)
        offered = item("/photos/a.jpg", 0), item("/photos/b.jpg", 1), item("/photos/c.jpg", 2)
        assert await second.settled(*offered) == [ADDED, REJECTED, 0]
    assert (list(record.paths), record.total, record.label) == (["/photos"], 3, "holiday")


async def test_what_the_library_has_need_not_be_sent_and_its_new_source_is_kept(
    served: Served,
) -> None:
    await served.open()
    await served.put(0, source="/a.jpg")
    await served.open("two")
    assert await served.settled(item("/z.jpg", 0), item("/y.jpg", 1), import_id="two") == [
        DUPLICATE,
        0,
    ]
    await served.note(item("/z.jpg", 0, DUPLICATE), import_id="two")
    request = index.BatchGetEntriesRequest(photo_ids=[photo_id(0)])
    found = (await served.photos.BatchGetEntries(request)).results[0].entry
    assert list(found.facts.sources) == ["/a.jpg", "/z.jpg"]


async def test_a_photo_that_was_removed_since_has_to_be_sent_again(served: Served) -> None:
    await served.open()
    await served.put(0, source="/a.jpg")
    await served.photos.DeletePhotos(index.DeletePhotosRequest(photo_ids=[photo_id(0)]))
    assert await served.settled(item("/a.jpg", 0)) == [0]


async def test_the_same_source_is_on_the_list_of_the_rejected_once(served: Served) -> None:
    await served.open()
    await served.open("two")
    await served.note(item("/a.jpg", 0, REJECTED, reason=DAMAGED, message="torn"))
    await served.note(item("/a.jpg", 1, REJECTED, reason=DAMAGED, message="torn"), import_id="two")
    await served.note(item("a.jpg", 2, REJECTED), item("a.jpg", 3, REJECTED))
    found = await served.rejected()
    assert [(one.source, one.import_id) for one in found.rejections] == [
        ("a.jpg", "one"),
        ("a.jpg", "one"),
        ("/a.jpg", "two"),
    ]
    assert (found.total, found.rejections[2].message) == (3, "torn")


async def test_a_photo_that_gets_in_leaves_the_list_of_the_rejected(served: Served) -> None:
    await served.open()
    await served.note(item("/a.jpg", 0, REJECTED), item("web.jpg", 1, REJECTED))
    await served.put(5, source="/a.jpg")
    await served.put(1, source="other name")
    assert not (await served.rejected()).rejections


async def test_rejections_are_paged_named_and_taken_off_the_list(served: Served) -> None:
    await served.open()
    await served.note(*(item(f"/{number}.jpg", number, REJECTED) for number in range(5)))
    first = await served.rejected(page_size=3)
    second = await served.rejected(page_size=3, page_token=first.next_page_token)
    ids = [one.rejection_id for one in (*first.rejections, *second.rejections)]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second.next_page_token) == (5, "")
    named = await served.rejected(rejection_ids=[ids[1], 999])
    assert [one.rejection_id for one in named.rejections] == [ids[1]]
    answer = await served.imports.DeleteRejections(
        pb.DeleteRejectionsRequest(rejection_ids=[ids[0], 999])
    )
    assert (answer.deleted, list(answer.photo_ids)) == (1, [photo_id(4)])
    assert (await served.rejected()).total == 4


async def test_a_finished_import_keeps_its_counts_and_can_go_on(served: Served) -> None:
    await served.open()
    await served.put(0, source="/a.jpg")
    request = pb.SetImportStateRequest(import_id="one", state=pb.IMPORT_STATE_FINISHED)
    await served.imports.SetImportState(request)
    assert (await served.open()).state == pb.IMPORT_STATE_RUNNING
    await served.put(1, source="/b.jpg")
    assert await served.counts() == (2, 0, 0, 0)


async def test_imports_are_listed_newest_first_by_state(served: Served) -> None:
    for name in ("a", "b", "c"):
        await served.open(name)
    request = pb.SetImportStateRequest(import_id="b", state=pb.IMPORT_STATE_PAUSED)
    await served.imports.SetImportState(request)
    page = await served.imports.ListImportRecords(pb.ListImportRecordsRequest(page_size=2))
    rest = await served.imports.ListImportRecords(
        pb.ListImportRecordsRequest(page_token=page.next_page_token)
    )
    paused = await served.imports.ListImportRecords(
        pb.ListImportRecordsRequest(state=pb.IMPORT_STATE_PAUSED)
    )
    assert [one.import_id for one in (*page.imports, *rest.imports)] == ["c", "b", "a"]
    assert [one.import_id for one in paused.imports] == ["b"]


@pytest.mark.parametrize(
    ("scope", "redone"),
    [
        (pb.REDO_SCOPE_MISSING, []),
        (pb.REDO_SCOPE_FAILED, [1]),
        (pb.REDO_SCOPE_MODEL_CHANGED, [1, 2]),
        (pb.REDO_SCOPE_ALL, [0, 1, 2]),
    ],
)
async def test_stages_are_done_again_for_those_that_are_meant(
    served: Served, scope: int, redone: list[int]
) -> None:
    records = [("new", ""), ("new", "failed"), ("old", "")]
    for number, (model, error) in enumerate(records):
        detect = StageRecord(Stage.DETECT, model, error)
        put = values.put(number)
        put = dataclasses.replace(put, stages=(*put.stages, detect))
        await served.photos.PutPhotos(calls.putting(put))
    answer = await served.imports.RedoStages(
        pb.RedoStagesRequest(
            stages=[pb.StageModel(stage=2, model="new")],  # type: ignore[arg-type]
            scope=scope,  # type: ignore[arg-type]
        )
    )
    listing = index.ListEntriesRequest(missing_stage=2, oldest_first=True)  # type: ignore[arg-type]
    found = await served.photos.ListEntries(listing)
    assert {one.facts.photo_id for one in found.entries} == {photo_id(n) for n in redone}
    assert list(answer.pending) == [len(redone)]
    for number in redone:
        put = dataclasses.replace(
            values.put(number), samples=(), stages=(StageRecord(Stage.DETECT, "new"),)
        )
        await served.photos.PutPhotos(calls.putting(put))
    stats = await served.photos.GetStats(index.GetStatsRequest())
    assert {one.stage: one.count for one in stats.missing}[2] == 0


async def test_what_strangers_send_is_refused_by_field(served: Served) -> None:
    await served.open()
    with pytest.raises(errors.NotFound, match="there is no import other"):
        await served.note(item("/a.jpg", 0, FAILED), import_id="other")
    with pytest.raises(errors.InvalidInput, match=r"items\[0\].outcome"):
        await served.note(item("/a.jpg", 0))
    with pytest.raises(errors.InvalidInput, match="page_token"):
        await served.rejected(page_token="x")
    with pytest.raises(errors.InvalidInput, match="import_id"):
        await clients.call(
            served.imports.OpenImport(pb.OpenImportRequest(record=pb.ImportRecord(import_id="a b")))
        )
    with pytest.raises(errors.InvalidInput, match=r"stages\[0\].stage"):
        await clients.call(
            served.imports.RedoStages(
                pb.RedoStagesRequest(stages=[pb.StageModel(stage=1)])  # type: ignore[arg-type]
            )
        )
