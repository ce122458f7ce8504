"""HousekeepingService: trash, check, clearing, and what a backup and an export are made of."""

from collections.abc import AsyncIterator
from typing import Any

import grpc

from common import codec as common_codec
from common import errors, statuses
from gateway import codec, housekeeping_codec, photos, removing
from gateway.calls import adopt_deadline
from gateway.checking import Checker
from gateway.clearing import Clearing
from gateway.files import Files
from gateway.keeping_client import KeepingClient
from gateway.mending import Mending
from semapix.v1 import housekeeping_pb2 as pb
from semapix.v1 import housekeeping_pb2_grpc as rpc

NAME = pb.DESCRIPTOR.services_by_name["HousekeepingService"].full_name


class HousekeepingServicer(rpc.HousekeepingServiceServicer):
    """One library kept in order."""

    def __init__(
        self,
        files: Files,
        keeping: KeepingClient,
        *,
        checker: Checker,
        clearing: Clearing,
        mending: Mending,
    ) -> None:
        self._files, self._keeping, self._mending = files, keeping, mending
        self._checker, self._clearing = checker, clearing

    def register(self, server: grpc.aio.Server) -> None:
        """Offer the rpcs."""
        rpc.add_HousekeepingServiceServicer_to_server(self, server)

    async def ListTrash(self, request: pb.ListTrashRequest, context: Any) -> pb.ListTrashResponse:
        adopt_deadline(context)
        size = codec.at_most(request.page_size, codec.MAX_IDS, field="page_size")
        page = await self._keeping.trashed(size=size, token=request.page_token)
        return housekeeping_codec.page_to(page)

    async def RestorePhotos(
        self, request: pb.RestorePhotosRequest, context: Any
    ) -> pb.RestorePhotosResponse:
        adopt_deadline(context)
        photo_ids = codec.ids_from(request.photo_ids)
        results = await removing.restored(
            self._files, self._keeping, photo_ids, anew=self._mending.bring_back
        )
        return pb.RestorePhotosResponse(statuses=[statuses.item(error) for error in results])

    async def EmptyTrash(
        self, request: pb.EmptyTrashRequest, context: Any
    ) -> AsyncIterator[pb.EmptyTrashResponse]:
        photo_ids = housekeeping_codec.some_ids_from(request.photo_ids)
        async for deleted, total in removing.emptied(self._files, self._keeping, photo_ids):
            yield pb.EmptyTrashResponse(deleted=deleted, total=total)

    async def ClearLibrary(
        self, request: pb.ClearLibraryRequest, context: Any
    ) -> AsyncIterator[pb.ClearLibraryResponse]:
        scope = housekeeping_codec.scope_from(request.scope)
        everything = scope == pb.CLEAR_SCOPE_EVERYTHING
        clearing = self._clearing
        async for deleted, total in clearing.everything() if everything else clearing.thumbnails():
            yield pb.ClearLibraryResponse(deleted=deleted, total=total)

    async def CheckLibrary(
        self, request: pb.CheckLibraryRequest, context: Any
    ) -> AsyncIterator[pb.CheckLibraryResponse]:
        async for one in self._checker.checked(repair=request.repair):
            yield housekeeping_codec.checked_to(one)

    async def BackUpCatalogue(
        self, request: pb.BackUpCatalogueRequest, context: Any
    ) -> AsyncIterator[pb.BackUpCatalogueResponse]:
        async for piece in self._keeping.snapshot():
            yield pb.BackUpCatalogueResponse(
                chunk=piece.chunk, photo_ids=piece.photo_ids, revision=piece.revision
            )

    async def BackUpOriginal(
        self, request: pb.BackUpOriginalRequest, context: Any
    ) -> AsyncIterator[pb.BackUpOriginalResponse]:
        photo_id = common_codec.checked_photo_id(request.photo_id)
        try:
            async for chunk in photos.stored(self._files, photo_id):
                yield pb.BackUpOriginalResponse(chunk=chunk)
        except FileNotFoundError:
            raise errors.NotFound(f"there is no original of photo {photo_id}") from None

    async def LocateOriginals(
        self, request: pb.LocateOriginalsRequest, context: Any
    ) -> pb.LocateOriginalsResponse:
        photo_ids = codec.ids_from(request.photo_ids)
        return pb.LocateOriginalsResponse(results=[self._located(one) for one in photo_ids])

    async def ExportVectors(
        self, request: pb.ExportVectorsRequest, context: Any
    ) -> AsyncIterator[pb.ExportVectorsResponse]:
        async for chunk in self._keeping.vectors():
            yield housekeeping_codec.vectors_to(chunk)

    def _located(self, photo_id: str) -> pb.LocatedOriginal:
        """Return where a file of the library's own lies, which never changes."""
        path = self._files.originals.own(photo_id)
        if not path.is_file():
            missing = errors.NotFound(f"the library has no file of photo {photo_id}")
            return pb.LocatedOriginal(status=statuses.item(missing))
        return pb.LocatedOriginal(status=statuses.item(), path=str(path.resolve()))
