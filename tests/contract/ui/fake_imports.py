"""Imports of the small real gateway: what they settled is in a file, so that it can die."""

from common import errors, statuses
from semapix.v1 import gateway_pb2, import_records_pb2, imports_pb2, imports_pb2_grpc, index_pb2


class Book:
    """Outcomes by (import, source, photo), each a line of the file."""

    def __init__(self, path):
        self.path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.items = {}
        for line in lines:
            import_id, photo_id, outcome, source = line.split(" ", 3)
            self.items.setdefault((import_id, source, photo_id), int(outcome))

    def note(self, import_id, source, photo_id, outcome):
        if self.items.get((import_id, source, photo_id)) in (1, 2):
            return
        self.items[import_id, source, photo_id] = outcome
        with self.path.open("a") as file:
            file.write(f"{import_id} {photo_id} {outcome} {source}\n")


class Imports(imports_pb2_grpc.ImportServiceServicer):
    """Imports by their id, rejected being the items with that outcome."""

    def __init__(self, gateway):
        self.gateway, self.book = gateway, gateway.book
        self.records, self.forgotten = {}, set()
        for import_id, _, _ in self.book.items:
            record = import_records_pb2.ImportRecord(import_id=import_id, state=5)
            self.records[import_id] = record

    def progress(self, import_id):
        if import_id not in self.records:
            raise errors.NotFound(f"there is no import {import_id}")
        record = self.records[import_id]
        outcomes = [n for key, n in self.book.items.items() if key[0] == import_id]
        record.added, record.duplicate = outcomes.count(1), outcomes.count(2)
        record.rejected = outcomes.count(3)
        return imports_pb2.Import(record=record, photos_per_s=2.0, remaining_s=90.0)

    async def CreateImport(self, request, context):
        import_id = request.import_id or f"import-{len(self.records)}"
        known = self.records.get(import_id)
        self.records[import_id] = known or import_records_pb2.ImportRecord(
            import_id=import_id, paths=request.paths, total=request.total, state=1
        )
        return imports_pb2.CreateImportResponse(progress=self.progress(import_id))

    async def SettlePhotos(self, request, context):
        return imports_pb2.SettlePhotosResponse(
            outcomes=[self.settled(request.import_id, one) for one in request.photos]
        )

    def settled(self, import_id, offer):
        outcome = self.book.items.get((import_id, offer.source, offer.photo_id), 0)
        if outcome in (1, 2):
            return outcome
        known = 2 if offer.photo_id in self.gateway.photos else 0
        if known:
            self.book.note(import_id, offer.source, offer.photo_id, known)
        return known

    async def FinishImport(self, request, context):
        self.progress(request.import_id)
        self.records[request.import_id].state = 4
        return imports_pb2.FinishImportResponse(progress=self.progress(request.import_id))

    async def GetImport(self, request, context):
        return imports_pb2.GetImportResponse(progress=self.progress(request.import_id))

    async def ListImports(self, request, context):
        found = [self.progress(import_id) for import_id in reversed(self.records)]
        return imports_pb2.ListImportsResponse(imports=found)

    async def PauseImport(self, request, context):
        self.progress(request.import_id)
        self.records[request.import_id].state = 2
        return imports_pb2.PauseImportResponse(progress=self.progress(request.import_id))

    def rejections(self):
        rejected = [key for key, outcome in self.book.items.items() if outcome == 3]
        return {
            number: import_records_pb2.Rejection(
                rejection_id=number, source=source, photo_id=photo_id, import_id=import_id,
                reason=3, message="It is torn.", rejected_at_s=1_700_000_000,
            )
            for number, (import_id, source, photo_id) in enumerate(rejected, 1)
            if number not in self.forgotten
        }  # fmt: skip

    async def ListRejected(self, request, context):
        photos = [
            imports_pb2.RejectedPhoto(rejection=one, kept=True)
            for one in self.rejections().values()
        ]
        return imports_pb2.ListRejectedResponse(photos=photos, total=len(photos))

    async def RetryRejected(self, request, context):
        for number in request.rejection_ids:
            rejection = self.rejections()[number]
            outcome = gateway_pb2.ImportPhotosResponse(
                source=rejection.source, outcome=3, reason=3, message="It is torn."
            )
            yield imports_pb2.RetryRejectedResponse(
                rejection_id=number, status=statuses.item(), outcome=outcome
            )

    async def ForgetRejected(self, request, context):
        self.forgotten |= set(request.rejection_ids)
        return imports_pb2.ForgetRejectedResponse(forgotten=len(request.rejection_ids))

    async def ReindexStages(self, request, context):
        pending = [
            index_pb2.StageCount(stage=stage, count=request.scope) for stage in request.stages
        ]
        return imports_pb2.ReindexStagesResponse(pending=pending)
