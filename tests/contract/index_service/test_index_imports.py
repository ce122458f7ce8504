"""Imports in the catalogue: exact counts, what is settled, what was rejected, stages once more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from semapix.v1 import gateway_pb2 as outcomes
from semapix.v1 import import_records_pb2 as pb
from semapix.v1 import index_pb2 as index
from tests.contract.index_service.index_imports_calls import Served, item, photo_id, serving

ADDED, DUPLICATE = outcomes.OUTCOME_ADDED, outcomes.OUTCOME_DUPLICATE
REJECTED, FAILED = outcomes.OUTCOME_REJECTED, outcomes.OUTCOME_FAILED
DAMAGED = outcomes.REJECT_REASON_DAMAGED


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as found:
        yield found


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
