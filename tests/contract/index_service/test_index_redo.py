"""Stages once more, and what strangers send about imports."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common import clients, errors
from common.samples import Stage, StageRecord
from semapix.v1 import gateway_pb2 as outcomes
from semapix.v1 import import_records_pb2 as pb
from semapix.v1 import index_pb2 as index
from tests.contract.index_service import index_calls as calls
from tests.contract.index_service.index_imports_calls import Served, item, photo_id, serving
from tests.unit.index_service import index_values as values

ADDED, DUPLICATE = outcomes.OUTCOME_ADDED, outcomes.OUTCOME_DUPLICATE
REJECTED, FAILED = outcomes.OUTCOME_REJECTED, outcomes.OUTCOME_FAILED
DAMAGED = outcomes.REJECT_REASON_DAMAGED


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as found:
        yield found


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
