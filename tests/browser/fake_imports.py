"""Imports in memory: records by id, and what was rejected."""

import asyncio
import itertools
import time

from common import errors, statuses
from semapix.v1 import gateway_pb2, import_records_pb2, imports_pb2, imports_pb2_grpc

RUNNING, PAUSED, CANCELLED, FINISHED = 1, 2, 3, 4


class FakeImports(imports_pb2_grpc.ImportServiceServicer):
    """What the gateway keeps of imports; a paused one takes no photo until it goes on."""

    def __init__(self) -> None:
        self.records: dict[str, import_records_pb2.ImportRecord] = {}
        self.rejections: dict[int, import_records_pb2.Rejection] = {}
        self._numbers = itertools.count(1)
        # The import that comes next pauses after so many photos; 0: it does not.
        self.pauses_after = 0
        # Seconds for which the next lists of the rejected are under way.
        self.delays: list[float] = []

    def begin(self, import_id: str = "", **fields: object) -> import_records_pb2.ImportRecord:
        """Begin an import, as CreateImport does."""
        now = int(time.time())
        record = import_records_pb2.ImportRecord(
            import_id=import_id or f"import-{len(self.records)}", state=RUNNING,
            created_at_s=now, changed_at_s=now, **fields,
        )  # fmt: skip
        return self.records.setdefault(record.import_id, record)

    def waits(self, import_id: str) -> bool:
        """Return whether its photos have to wait. Raises Cancelled."""
        record = self.records.get(import_id)
        if record and self.pauses_after and record.added >= self.pauses_after:
            record.state, self.pauses_after = PAUSED, 0
        if record and record.state == CANCELLED:
            raise errors.Cancelled(f"import {import_id} was cancelled")
        return bool(record and record.state == PAUSED)

    def note(self, import_id: str, response: gateway_pb2.ImportPhotosResponse) -> None:
        """Count an outcome; a rejected photo goes on the list."""
        record = self.records.get(import_id)
        if record:
            record.added += response.outcome == gateway_pb2.OUTCOME_ADDED
            record.duplicate += response.outcome == gateway_pb2.OUTCOME_DUPLICATE
            record.rejected += response.outcome == gateway_pb2.OUTCOME_REJECTED
        if response.outcome == gateway_pb2.OUTCOME_REJECTED:
            self.reject(response.source, response.message)

    def reject(self, source: str, message: str) -> None:
        """Put a photo on the list."""
        number = next(self._numbers)
        self.rejections[number] = import_records_pb2.Rejection(
            rejection_id=number, source=source, message=message, rejected_at_s=1_790_000_000
        )

    def _change(self, import_id: str, state: int) -> imports_pb2.Import:
        if import_id not in self.records:
            raise errors.NotFound(f"there is no import {import_id}")
        self.records[import_id].state = state
        return self._progress(self.records[import_id])

    @staticmethod
    def _progress(record: import_records_pb2.ImportRecord) -> imports_pb2.Import:
        moves = record.state == RUNNING
        return imports_pb2.Import(
            record=record, photos_per_s=2.5 if moves else 0, remaining_s=40.0 if moves else None
        )

    async def CreateImport(self, request, context):  # type: ignore[no-untyped-def]
        record = self.begin(request.import_id, label=request.label, total=request.total)
        return imports_pb2.CreateImportResponse(progress=self._progress(record))

    async def SettlePhotos(self, request, context):  # type: ignore[no-untyped-def]
        return imports_pb2.SettlePhotosResponse(outcomes=[0] * len(request.photos))

    async def FinishImport(self, request, context):  # type: ignore[no-untyped-def]
        return imports_pb2.FinishImportResponse(progress=self._change(request.import_id, FINISHED))

    async def PauseImport(self, request, context):  # type: ignore[no-untyped-def]
        return imports_pb2.PauseImportResponse(progress=self._change(request.import_id, PAUSED))

    async def ResumeImport(self, request, context):  # type: ignore[no-untyped-def]
        return imports_pb2.ResumeImportResponse(progress=self._change(request.import_id, RUNNING))

    async def CancelImport(self, request, context):  # type: ignore[no-untyped-def]
        return imports_pb2.CancelImportResponse(progress=self._change(request.import_id, CANCELLED))

    async def ListImports(self, request, context):  # type: ignore[no-untyped-def]
        newest = [self._progress(one) for one in reversed(self.records.values())]
        return imports_pb2.ListImportsResponse(imports=newest[: request.page_size or 100])

    async def ListRejected(self, request, context):  # type: ignore[no-untyped-def]
        newest = list(reversed(self.rejections.values()))
        photos = [imports_pb2.RejectedPhoto(rejection=one, kept=True) for one in newest]
        if self.delays:
            await asyncio.sleep(self.delays.pop())
        return imports_pb2.ListRejectedResponse(
            photos=photos[: request.page_size or 100], total=len(photos)
        )

    async def RetryRejected(self, request, context):  # type: ignore[no-untyped-def]
        """Every second photo gets in."""
        for number in request.rejection_ids:
            good = number % 2 == 0
            rejection = self.rejections.pop(number) if good else self.rejections[number]
            outcome = gateway_pb2.OUTCOME_ADDED if good else gateway_pb2.OUTCOME_REJECTED
            yield imports_pb2.RetryRejectedResponse(
                rejection_id=number, status=statuses.item(),
                outcome=gateway_pb2.ImportPhotosResponse(source=rejection.source, outcome=outcome),
            )  # fmt: skip

    async def ForgetRejected(self, request, context):  # type: ignore[no-untyped-def]
        gone = [self.rejections.pop(number, None) for number in request.rejection_ids]
        return imports_pb2.ForgetRejectedResponse(forgotten=sum(one is not None for one in gone))
