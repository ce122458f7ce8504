"""ImportRecordsService: imports, what they rejected, and stages to be done again."""

import asyncio
import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import grpc

from common import codec as common_codec
from common import errors, import_codec
from common.batching import Batcher
from common.imports import ImportState, Item
from common.samples import Stage
from index_service import changes, codec, import_reading, import_rows
from index_service.changes import Change, Note
from index_service.library import Library
from semapix.v1 import import_records_pb2 as pb
from semapix.v1 import import_records_pb2_grpc as rpc

T = TypeVar("T")
NAME = pb.DESCRIPTOR.services_by_name["ImportRecordsService"].full_name
MAX_ITEMS = 1_000


class ImportRecordsServicer(rpc.ImportRecordsServiceServicer):
    """Answers for one library; changes go through `writing`, one after another."""

    def __init__(self, library: Library, writing: Batcher[Change, changes.Outcome]) -> None:
        self._library, self._writing = library, writing

    def register(self, server: grpc.aio.Server) -> None:
        """Answer on `server`."""
        rpc.add_ImportRecordsServiceServicer_to_server(self, server)

    async def OpenImport(
        self, request: pb.OpenImportRequest, context: Any
    ) -> pb.OpenImportResponse:
        record = import_codec.record_from(request.record)
        await self._written(
            lambda connection: import_rows.open_import(connection, record, _now_s())
        )
        return pb.OpenImportResponse(record=await self._record(record.import_id))

    async def SetImportState(
        self, request: pb.SetImportStateRequest, context: Any
    ) -> pb.SetImportStateResponse:
        state = import_codec.state_from(request.state)
        await self._written(
            lambda connection: import_rows.set_state(connection, request.import_id, state, _now_s())
        )
        return pb.SetImportStateResponse(record=await self._record(request.import_id))

    async def GetImportRecord(
        self, request: pb.GetImportRecordRequest, context: Any
    ) -> pb.GetImportRecordResponse:
        return pb.GetImportRecordResponse(record=await self._record(request.import_id))

    async def ListImportRecords(
        self, request: pb.ListImportRecordsRequest, context: Any
    ) -> pb.ListImportRecordsResponse:
        state: ImportState | None = None
        if request.state:
            state = import_codec.state_from(request.state)
        records, token = await self._read(
            import_reading.import_records,
            size=_page_size(request.page_size),
            token=request.page_token,
            state=state,
        )
        return pb.ListImportRecordsResponse(
            imports=[import_codec.record_to(record) for record in records], next_page_token=token
        )

    async def RecordItems(
        self, request: pb.RecordItemsRequest, context: Any
    ) -> pb.RecordItemsResponse:
        items = _items(request.items)
        for number, item in enumerate(items):
            if item.outcome is None:
                raise errors.InvalidInput(f"items[{number}].outcome", "is missing")
        await self._written(
            lambda connection: import_rows.record(connection, request.import_id, items, _now_s())
        )
        return pb.RecordItemsResponse()

    async def LookUpItems(
        self, request: pb.LookUpItemsRequest, context: Any
    ) -> pb.LookUpItemsResponse:
        items = _items(request.items)
        found = await self._read(import_reading.looked_up, request.import_id, items)
        return pb.LookUpItemsResponse(items=[import_codec.item_to(item) for item in found])

    async def ListRejections(
        self, request: pb.ListRejectionsRequest, context: Any
    ) -> pb.ListRejectionsResponse:
        if request.rejection_ids:
            codec.counted(request.rejection_ids, "rejection_ids", most=MAX_ITEMS)
            page = await self._read(import_reading.rejections_of, list(request.rejection_ids))
        else:
            codec.at_most(len(request.photo_ids), "photo_ids", most=MAX_ITEMS)
            page = await self._read(
                import_reading.rejections,
                import_reading.Wanted(request.import_id, tuple(request.photo_ids)),
                size=_page_size(request.page_size),
                token=request.page_token,
            )
        return pb.ListRejectionsResponse(
            rejections=[import_codec.rejection_to(one) for one in page.rejections],
            next_page_token=page.next_token,
            total=page.total,
        )

    async def DeleteRejections(
        self, request: pb.DeleteRejectionsRequest, context: Any
    ) -> pb.DeleteRejectionsResponse:
        codec.counted(request.rejection_ids, "rejection_ids", most=MAX_ITEMS)
        gone: list[str] = []
        await self._written(
            lambda connection: gone.extend(
                import_rows.delete_rejections(connection, request.rejection_ids)
            )
        )
        unnamed = await self._read(import_reading.unnamed, gone)
        return pb.DeleteRejectionsResponse(deleted=len(gone), photo_ids=unnamed)

    async def RedoStages(
        self, request: pb.RedoStagesRequest, context: Any
    ) -> pb.RedoStagesResponse:
        codec.counted(request.stages, "stages", most=len(Stage))
        scope = import_codec.scope_from(request.scope)
        wanted = [
            (_redone(one.stage, f"stages[{at}].stage"), one.model)
            for at, one in enumerate(request.stages)
        ]
        for stage, model in wanted:
            change = functools.partial(import_rows.redo, stage=stage, scope=scope, model=model)
            await self._written(change)
        pending = [await self._read(import_reading.missing, stage) for stage, _ in wanted]
        return pb.RedoStagesResponse(pending=pending)

    async def _written(self, write: Callable[[Any], None]) -> None:
        (outcome,) = (await self._writing.submit([Note(write)])).results
        if outcome.error:
            raise outcome.error

    async def _read(self, read: Callable[..., T], *args: Any, **named: Any) -> T:
        def work() -> T:
            with self._library.reading() as connection:
                return read(connection, *args, **named)

        return await asyncio.to_thread(work)

    async def _record(self, import_id: str) -> pb.ImportRecord:
        return import_codec.record_to(await self._read(import_reading.import_record, import_id))


def _items(messages: Sequence[pb.ImportItem]) -> list[Item]:
    codec.counted(messages, "items", most=MAX_ITEMS)
    return [import_codec.item_from(one, f"items[{at}]") for at, one in enumerate(messages)]


def _page_size(size: int) -> int:
    return codec.at_most(size, "page_size", most=codec.MAX_PAGE) or codec.DEFAULT_PAGE


def _redone(number: int, field: str) -> Stage:
    stage = common_codec.stage_from(number, field)
    if stage is Stage.WHOLE:
        raise errors.InvalidInput(field, "the whole photo cannot be done again by itself")
    return stage


def _now_s() -> int:
    return int(time.time())
