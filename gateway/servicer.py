"""The rpc face of the library: messages to values, calls to the domain, values to messages."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import grpc

from common import codec as common_codec
from common import errors, import_codec, statuses
from common.samples import Entry
from gateway import codec, photos, removing, search_codec
from gateway.calls import adopt_deadline
from gateway.files import Files
from gateway.importing import Importer
from gateway.keeping import Trash
from gateway.models import ModelCheck
from gateway.receiving import Piece
from gateway.reporting import Reporter
from gateway.runs import Runs
from gateway.searching import Searcher
from gateway.services import Catalogue
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import gateway_pb2_grpc as rpc
from semapix.v1 import search_pb2

NAME = pb.DESCRIPTOR.services_by_name["GatewayService"].full_name
MAX_PAGE = 1000
MIN_THUMBNAIL_PX, MAX_THUMBNAIL_PX, DEFAULT_THUMBNAIL_PX = 16, 1024, 320


@dataclass(frozen=True, slots=True)
class House:
    """What the gateway is made of."""

    files: Files
    catalogue: Catalogue
    trash: Trash
    importer: Importer
    runs: Runs
    check: ModelCheck
    searcher: Searcher
    reporter: Reporter
    version: str


class GatewayServicer(rpc.GatewayServiceServicer):
    """One library by one address."""

    def __init__(self, house: House) -> None:
        self._house = house

    def register(self, server: grpc.aio.Server) -> None:
        """Offer the rpcs."""
        rpc.add_GatewayServiceServicer_to_server(self, server)

    async def ImportPhotos(
        self, request_iterator: AsyncIterator[pb.ImportPhotosRequest], context: Any
    ) -> AsyncIterator[pb.ImportPhotosResponse]:
        # Its deadline is not adopted: photos that were received outlive their client.
        await self._house.check.now()
        requests = aiter(request_iterator)
        first = await anext(requests, None)
        if first is None:
            return
        import_id = first.import_id and import_codec.checked_import_id(first.import_id)
        async with self._house.runs.joined(import_id) as run:
            pieces = _pieces(first, requests)
            async with aclosing(self._house.importer.outcomes(pieces, run)) as outcomes:
                async for imported in outcomes:
                    yield codec.imported_to(imported)

    async def Search(
        self, request: search_pb2.SearchRequest, context: Any
    ) -> search_pb2.SearchResponse:
        adopt_deadline(context)
        answer = await self._house.searcher.answer(search_codec.question_from(request))
        return search_codec.answer_to(answer, request)

    async def GetPhoto(self, request: pb.GetPhotoRequest, context: Any) -> pb.GetPhotoResponse:
        adopt_deadline(context)
        photo_id = common_codec.checked_photo_id(request.photo_id)
        (entry,) = await self._house.catalogue.entries([photo_id], samples=True)
        if isinstance(entry, errors.SemapixError):
            raise entry
        return pb.GetPhotoResponse(photo=codec.photo_to(entry))

    async def BatchGetPhotos(
        self, request: pb.BatchGetPhotosRequest, context: Any
    ) -> pb.BatchGetPhotosResponse:
        adopt_deadline(context)
        photo_ids = codec.ids_from(request.photo_ids)
        entries = await self._house.catalogue.entries(photo_ids, samples=True)
        return pb.BatchGetPhotosResponse(results=[_photo_result(entry) for entry in entries])

    async def ListPhotos(
        self, request: pb.ListPhotosRequest, context: Any
    ) -> pb.ListPhotosResponse:
        adopt_deadline(context)
        size = codec.at_most(request.page_size, MAX_PAGE, field="page_size")
        page = await self._house.catalogue.page(
            size=size, token=request.page_token, skip=request.skip
        )
        return pb.ListPhotosResponse(
            photos=[codec.photo_to(entry) for entry in page.entries],
            next_page_token=page.next_token,
            total=page.total,
        )

    async def DownloadOriginal(
        self, request: pb.DownloadOriginalRequest, context: Any
    ) -> AsyncIterator[pb.DownloadOriginalResponse]:
        adopt_deadline(context)
        house, photo_id = self._house, common_codec.checked_photo_id(request.photo_id)
        async for chunk in photos.original(house.files, house.catalogue, photo_id):
            yield pb.DownloadOriginalResponse(chunk=chunk)

    async def DownloadThumbnail(
        self, request: pb.DownloadThumbnailRequest, context: Any
    ) -> AsyncIterator[pb.DownloadThumbnailResponse]:
        adopt_deadline(context)
        house, photo_id = self._house, common_codec.checked_photo_id(request.photo_id)
        size_px = request.size_px or DEFAULT_THUMBNAIL_PX
        if not MIN_THUMBNAIL_PX <= size_px <= MAX_THUMBNAIL_PX:
            message = f"{size_px} is not between {MIN_THUMBNAIL_PX} and {MAX_THUMBNAIL_PX:,}"
            raise errors.InvalidInput("size_px", message)
        chunks = photos.thumbnail(house.files, house.catalogue, photo_id, size_px=size_px)
        async for chunk in chunks:
            yield pb.DownloadThumbnailResponse(chunk=chunk)

    async def RemovePhotos(
        self, request: pb.RemovePhotosRequest, context: Any
    ) -> pb.RemovePhotosResponse:
        adopt_deadline(context)
        house, photo_ids = self._house, codec.ids_from(request.photo_ids)
        if request.permanently:
            results = await removing.removed(house.files, house.catalogue, photo_ids)
        else:
            results = await removing.trashed(house.files, house.trash, photo_ids)
        return pb.RemovePhotosResponse(statuses=[statuses.item(error) for error in results])

    async def GetStatus(self, request: pb.GetStatusRequest, context: Any) -> pb.GetStatusResponse:
        adopt_deadline(context)
        house = self._house
        return codec.status_to(
            await house.reporter.report(),
            version=house.version,
            originals=house.files.originals,
        )


async def _pieces(
    first: pb.ImportPhotosRequest, requests: AsyncIterator[pb.ImportPhotosRequest]
) -> AsyncIterator[Piece]:
    yield codec.piece_from(first)
    async for request in requests:
        yield codec.piece_from(request)


def _photo_result(entry: Entry | errors.SemapixError) -> pb.PhotoResult:
    if isinstance(entry, errors.SemapixError):
        return pb.PhotoResult(status=statuses.item(entry))
    return pb.PhotoResult(status=statuses.item(), photo=codec.photo_to(entry))
