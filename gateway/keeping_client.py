"""The trash, the check and the copies of the index as values."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, cast

import grpc

from common import codec, statuses
from gateway import calls
from gateway.keeping import Checked, Finding, Results, Trashed, TrashPage, Trouble
from semapix.v1 import index_keeping_pb2 as pb
from semapix.v1 import index_keeping_pb2_grpc as rpc
from semapix.v1 import index_pb2, index_pb2_grpc

QUICK_S = 10.0
WRITE_S = 60.0


class KeepingClient:
    """Satisfies `keeping.Trash` and `keeping.Checking`."""

    def __init__(self, service: calls.Service) -> None:
        self._service = service
        stub = rpc.IndexKeepingServiceStub(service.channel)
        self._stub = cast("rpc.IndexKeepingServiceAsyncStub", stub)
        self._index = index_pb2_grpc.IndexServiceStub(service.channel)

    async def trash(self, photo_ids: Sequence[str]) -> Results:
        """Move photos into the trash; return what went wrong with each, in order."""
        request = pb.TrashPhotosRequest(photo_ids=photo_ids)
        answer = await self._service.ask(self._stub.TrashPhotos, request, most_s=WRITE_S)
        return [statuses.item_error(status) for status in answer.statuses]

    async def untrash(self, photo_ids: Sequence[str]) -> Results:
        """Bring photos back; return what went wrong with each, in order."""
        request = pb.UntrashPhotosRequest(photo_ids=photo_ids)
        answer = await self._service.ask(self._stub.UntrashPhotos, request, most_s=WRITE_S)
        return [statuses.item_error(status) for status in answer.statuses]

    async def purge(self, photo_ids: Sequence[str]) -> Results:
        """Delete photos of the trash for good; return what went wrong with each, in order."""
        request = pb.PurgePhotosRequest(photo_ids=photo_ids)
        answer = await self._service.ask(self._stub.PurgePhotos, request, most_s=WRITE_S)
        return [statuses.item_error(status) for status in answer.statuses]

    async def trashed(
        self, *, size: int = 0, token: str = "", before_s: int = 0, photo_ids: Sequence[str] = ()
    ) -> TrashPage:
        """Return a page of the trash; only what was trashed before, and only these, if given."""
        request = pb.ListTrashedRequest(
            page_size=size, page_token=token, trashed_before_s=before_s, photo_ids=photo_ids
        )
        answer = await self._service.ask(self._stub.ListTrashed, request, most_s=QUICK_S)
        photos = tuple(
            Trashed(codec.facts_from(one.facts), one.trashed_at_s) for one in answer.photos
        )
        return TrashPage(photos, answer.next_page_token, answer.total)

    async def checked(self, *, repair: bool) -> AsyncIterator[Checked]:
        """Yield how far the check of the catalogue is, and what it finds."""
        request = pb.CheckCatalogueRequest(repair=repair)
        async for answer in self._streamed(self._stub.CheckCatalogue, request):
            finding = _finding(answer.finding) if answer.HasField("finding") else None
            yield Checked("catalogue", answer.done, answer.total, finding)

    async def snapshot(self) -> AsyncIterator[pb.SnapshotCatalogueResponse]:
        """Yield the pieces of a copy of the catalogue, then the photos in it."""
        request = pb.SnapshotCatalogueRequest()
        async for answer in self._streamed(self._stub.SnapshotCatalogue, request):
            yield answer

    async def vectors(self) -> AsyncIterator[index_pb2.StreamVectorsResponse]:
        """Yield all samples with their vectors."""
        request = index_pb2.StreamVectorsRequest()
        async for answer in self._streamed(self._index.StreamVectors, request):
            yield answer

    async def _streamed(self, method: Callable[..., Any], request: Any) -> AsyncIterator[Any]:
        """Yield the answers, however long they take. Raises as `Service.ask`."""
        answers = method(request, metadata=calls.metadata())
        try:
            async for answer in answers:
                yield answer
        except grpc.aio.AioRpcError as error:
            raise self._service.named(error) from error
        finally:
            answers.cancel()


def _finding(message: pb.Finding) -> Finding:
    return Finding(Trouble(message.kind), message.id, message.message, message.repaired)
