"""A small real book of imports, in dictionaries."""

import itertools
from typing import Any

from common import errors
from semapix.v1 import gateway_pb2 as gateway
from semapix.v1 import import_records_pb2 as pb
from semapix.v1 import import_records_pb2_grpc as rpc
from tests.contract.gateway.gateway_fake_index import FakeIndex

COLUMNS = {1: "added", 2: "duplicate", 3: "rejected", 4: "failed"}


class FakeImports(rpc.ImportRecordsServiceServicer):
    """Imports by id, their items by (import, source, photo), and rejections by number."""

    def __init__(self, index: FakeIndex) -> None:
        self.index = index
        index.on_put = self._added
        self.records: dict[str, pb.ImportRecord] = {}
        self.items: dict[tuple[str, str, str], int] = {}
        self.rejections: dict[int, pb.Rejection] = {}
        self.numbers = itertools.count(1)
        self.redone: list[pb.RedoStagesRequest] = []
        self.error: errors.SemapixError | None = None

    def _find(self, import_id: str) -> pb.ImportRecord:
        if import_id not in self.records:
            raise errors.NotFound(f"there is no import {import_id}")
        found = self.records[import_id]
        for number, column in COLUMNS.items():
            count = sum(key[0] == import_id and n == number for key, n in self.items.items())
            setattr(found, column, count)
        return found

    def _added(self, import_id: str, source: str, photo_id: str) -> None:
        self.items[import_id, source, photo_id] = gateway.OUTCOME_ADDED

    async def OpenImport(self, request: pb.OpenImportRequest, context: Any) -> Any:
        if self.error:
            raise self.error
        found = self.records.setdefault(request.record.import_id, request.record)
        found.state = pb.IMPORT_STATE_RUNNING
        return pb.OpenImportResponse(record=self._find(found.import_id))

    async def SetImportState(self, request: pb.SetImportStateRequest, context: Any) -> Any:
        self._find(request.import_id).state = request.state
        return pb.SetImportStateResponse(record=self._find(request.import_id))

    async def GetImportRecord(self, request: pb.GetImportRecordRequest, context: Any) -> Any:
        return pb.GetImportRecordResponse(record=self._find(request.import_id))

    async def ListImportRecords(self, request: pb.ListImportRecordsRequest, context: Any) -> Any:
        found = [
            self._find(key)
            for key, record in self.records.items()
            if request.state in (0, record.state)
        ]
        return pb.ListImportRecordsResponse(imports=found[::-1])

    async def RecordItems(self, request: pb.RecordItemsRequest, context: Any) -> Any:
        self._find(request.import_id)
        for item in request.items:
            key = request.import_id, item.source, item.photo_id
            if self.items.get(key) != gateway.OUTCOME_ADDED:
                self.items[key] = item.outcome
            if item.outcome == gateway.OUTCOME_REJECTED:
                self._reject(item, request.import_id)
        return pb.RecordItemsResponse()

    def _reject(self, item: pb.ImportItem, import_id: str) -> None:
        number = next(self.numbers)
        self.rejections[number] = pb.Rejection(
            rejection_id=number,
            source=item.source,
            photo_id=item.photo_id,
            reason=item.reason,
            message=item.message,
            import_id=import_id,
        )

    async def LookUpItems(self, request: pb.LookUpItemsRequest, context: Any) -> Any:
        for item in request.items:
            outcome = self.items.get((request.import_id, item.source, item.photo_id), 0)
            known = item.photo_id in self.index.entries
            item.outcome = outcome if outcome in (1, 3) else 2 if known else 0  # type: ignore[assignment]
        return pb.LookUpItemsResponse(items=request.items)

    async def ListRejections(self, request: pb.ListRejectionsRequest, context: Any) -> Any:
        wanted = request.rejection_ids or self.rejections
        found = [self.rejections[number] for number in wanted if number in self.rejections]
        if request.photo_ids:
            found = [one for one in found if one.photo_id in request.photo_ids]
        return pb.ListRejectionsResponse(rejections=found[::-1], total=len(found))

    async def DeleteRejections(self, request: pb.DeleteRejectionsRequest, context: Any) -> Any:
        gone = [self.rejections.pop(number, None) for number in request.rejection_ids]
        ids = [one.photo_id for one in gone if one and one.photo_id]
        return pb.DeleteRejectionsResponse(deleted=len(ids), photo_ids=ids)

    async def RedoStages(self, request: pb.RedoStagesRequest, context: Any) -> Any:
        self.redone.append(request)
        return pb.RedoStagesResponse(pending=[len(self.index.entries)] * len(request.stages))
