"""A served library and what an import asks of it."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

from common import clients, server
from common.batching import Batcher
from index_service import library, servicer_keeping
from index_service.settings import Settings
from semapix.v1 import import_records_pb2 as pb
from semapix.v1 import import_records_pb2_grpc as rpc
from semapix.v1 import index_pb2_grpc as index_rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values


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


def photo_id(number: int) -> str:
    return values.put(number).facts.photo_id


def item(source: str, number: int, outcome: int = 0, **fields: object) -> pb.ImportItem:
    found = pb.ImportItem(source=source, photo_id=photo_id(number), **fields)  # type: ignore[arg-type]
    found.outcome = outcome  # type: ignore[assignment]
    return found
