"""The imports of the index as values."""

from collections.abc import Sequence
from typing import cast

from common import import_codec
from common.imports import ImportRecord, ImportState, Item, RedoScope, Rejection
from common.samples import Stage
from gateway.calls import Service
from gateway.ledger import RecordPage, RejectionPage
from semapix.v1 import import_records_pb2 as pb
from semapix.v1 import import_records_pb2_grpc as rpc

QUICK_S = 10.0
WRITE_S = 60.0
PAGE = 1_000


class LedgerClient:
    """Satisfies the Protocols of `ledger`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        stub = rpc.ImportRecordsServiceStub(service.channel)
        self._stub = cast("rpc.ImportRecordsServiceAsyncStub", stub)

    async def open(self, record: ImportRecord) -> ImportRecord:
        """Add an import, or let a known one go on; durable on return."""
        request = pb.OpenImportRequest(record=import_codec.record_to(record))
        answer = await self._service.ask(self._stub.OpenImport, request, most_s=WRITE_S)
        return import_codec.record_from(answer.record)

    async def set_state(self, import_id: str, state: ImportState) -> ImportRecord:
        """Change the state of an import; durable on return. Raises NotFound."""
        request = pb.SetImportStateRequest(import_id=import_id, state=int(state))  # type: ignore[arg-type]
        answer = await self._service.ask(self._stub.SetImportState, request, most_s=WRITE_S)
        return import_codec.record_from(answer.record)

    async def record(self, import_id: str) -> ImportRecord:
        """Return one import. Raises NotFound."""
        request = pb.GetImportRecordRequest(import_id=import_id)
        answer = await self._service.ask(self._stub.GetImportRecord, request, most_s=QUICK_S)
        return import_codec.record_from(answer.record)

    async def records(
        self, *, size: int = 0, token: str = "", state: ImportState | None = None
    ) -> RecordPage:
        """Return a page of imports, newest first."""
        request = pb.ListImportRecordsRequest(
            page_size=size,
            page_token=token,
            state=int(state or 0),  # type: ignore[arg-type]
        )
        answer = await self._service.ask(self._stub.ListImportRecords, request, most_s=QUICK_S)
        records = tuple(import_codec.record_from(one) for one in answer.imports)
        return RecordPage(records, answer.next_page_token)

    async def note(self, import_id: str, items: Sequence[Item]) -> None:
        """Record what became of photos; durable on return. Raises NotFound."""
        messages = [import_codec.item_to(item) for item in items]
        request = pb.RecordItemsRequest(import_id=import_id, items=messages)
        await self._service.ask(self._stub.RecordItems, request, most_s=WRITE_S)

    async def look_up(self, import_id: str, items: Sequence[Item]) -> list[Item]:
        """Return each item as it is settled, without an outcome where it has to be sent."""
        messages = [import_codec.item_to(item) for item in items]
        request = pb.LookUpItemsRequest(import_id=import_id, items=messages)
        answer = await self._service.ask(self._stub.LookUpItems, request, most_s=QUICK_S)
        return [import_codec.item_from(item) for item in answer.items]

    async def rejections(
        self, *, size: int = 0, token: str = "", import_id: str = ""
    ) -> RejectionPage:
        """Return a page of the rejected, newest first."""
        request = pb.ListRejectionsRequest(page_size=size, page_token=token, import_id=import_id)
        answer = await self._service.ask(self._stub.ListRejections, request, most_s=QUICK_S)
        found = tuple(import_codec.rejection_from(one) for one in answer.rejections)
        return RejectionPage(found, answer.next_page_token, answer.total)

    async def rejections_of(self, rejection_ids: Sequence[int]) -> list[Rejection]:
        """Return those that are on the list."""
        request = pb.ListRejectionsRequest(rejection_ids=rejection_ids)
        answer = await self._service.ask(self._stub.ListRejections, request, most_s=QUICK_S)
        return [import_codec.rejection_from(one) for one in answer.rejections]

    async def named(self, photo_ids: Sequence[str]) -> set[str]:
        """Return those of the photo ids that are on the list."""
        found: set[str] = set()
        request = pb.ListRejectionsRequest(page_size=PAGE, photo_ids=photo_ids)
        while True:
            answer = await self._service.ask(self._stub.ListRejections, request, most_s=QUICK_S)
            found.update(one.photo_id for one in answer.rejections)
            request.page_token = answer.next_page_token
            if not request.page_token:
                return found

    async def forget(self, rejection_ids: Sequence[int]) -> tuple[int, Sequence[str]]:
        """Take rejections off the list; return how many, and the ids it names no more."""
        request = pb.DeleteRejectionsRequest(rejection_ids=rejection_ids)
        answer = await self._service.ask(self._stub.DeleteRejections, request, most_s=WRITE_S)
        return answer.deleted, tuple(answer.photo_ids)

    async def redo(self, models: Sequence[tuple[Stage, str]], scope: RedoScope) -> list[int]:
        """Have stages done again; return how many photos lack each then, in order."""
        stages = [pb.StageModel(stage=int(stage), model=model) for stage, model in models]  # type: ignore[arg-type]
        request = pb.RedoStagesRequest(stages=stages, scope=int(scope))  # type: ignore[arg-type]
        answer = await self._service.ask(self._stub.RedoStages, request, most_s=WRITE_S)
        return list(answer.pending)
