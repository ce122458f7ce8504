"""ImportService: messages to values, calls to the domain, values to messages."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from common import errors, import_codec, statuses
from common.imports import ImportState
from gateway import codec, imports_codec
from gateway.calls import adopt_deadline
from gateway.importing import Importer
from gateway.imports import Imports
from gateway.models import ModelCheck
from gateway.receiving import Imported
from gateway.reindexing import Reindexing
from gateway.rejected import Rejected
from semapix.v1 import imports_pb2 as pb
from semapix.v1 import imports_pb2_grpc as rpc

NAME = pb.DESCRIPTOR.services_by_name["ImportService"].full_name
MAX_PAGE = 1000
# As gRPC names those who call from the machine itself.
OWN_MACHINE = ("ipv4:127.", "ipv6:[::1]", "ipv6:%5B::1%5D", "unix:")


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers for imports."""

    imports: Imports
    importer: Importer
    rejected: Rejected
    reindexing: Reindexing
    check: ModelCheck


class ImportServicer(rpc.ImportServiceServicer):
    """The imports of one library."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, server: grpc.aio.Server) -> None:
        """Offer the rpcs."""
        rpc.add_ImportServiceServicer_to_server(self, server)

    async def CreateImport(
        self, request: pb.CreateImportRequest, context: Any
    ) -> pb.CreateImportResponse:
        adopt_deadline(context)
        record = imports_codec.record_from(request)
        if record.in_place:
            _check_own_machine(context)
        progress = await self._desk.imports.create(record)
        return pb.CreateImportResponse(progress=imports_codec.progress_to(progress))

    async def SettlePhotos(
        self, request: pb.SettlePhotosRequest, context: Any
    ) -> pb.SettlePhotosResponse:
        adopt_deadline(context)
        import_id = import_codec.checked_import_id(request.import_id)
        offers = imports_codec.offers_from(request.photos)
        outcomes = await self._desk.imports.settled(import_id, offers)
        numbers = [int(outcome or 0) for outcome in outcomes]
        return pb.SettlePhotosResponse(outcomes=numbers)  # type: ignore[arg-type]

    async def ImportPaths(
        self, request_iterator: AsyncIterator[pb.ImportPathsRequest], context: Any
    ) -> AsyncIterator[pb.ImportPathsResponse]:
        _check_own_machine(context)
        await self._desk.check.now()
        requests = aiter(request_iterator)
        first = await anext(requests, None)
        if first is None:
            return
        import_id = import_codec.checked_import_id(first.import_id)
        async with self._desk.imports.runs.joined(import_id) as run:
            if not run.in_place:
                raise errors.Mismatch(f"import {import_id} was not created with in_place")
            paths = _paths(first, requests)
            async with aclosing(self._desk.importer.outcomes_of_paths(paths, run)) as outcomes:
                async for imported in outcomes:
                    yield pb.ImportPathsResponse(outcome=codec.imported_to(imported))

    async def FinishImport(
        self, request: pb.FinishImportRequest, context: Any
    ) -> pb.FinishImportResponse:
        adopt_deadline(context)
        return pb.FinishImportResponse(
            progress=await self._ended(request.import_id, ImportState.FINISHED)
        )

    async def GetImport(self, request: pb.GetImportRequest, context: Any) -> pb.GetImportResponse:
        adopt_deadline(context)
        import_id = import_codec.checked_import_id(request.import_id)
        progress = await self._desk.imports.now(import_id)
        return pb.GetImportResponse(progress=imports_codec.progress_to(progress))

    async def ListImports(
        self, request: pb.ListImportsRequest, context: Any
    ) -> pb.ListImportsResponse:
        adopt_deadline(context)
        size = codec.at_most(request.page_size, MAX_PAGE, field="page_size")
        page, token = await self._desk.imports.page(size=size, token=request.page_token)
        shown = [imports_codec.progress_to(progress) for progress in page]
        return pb.ListImportsResponse(imports=shown, next_page_token=token)

    async def WatchImport(
        self, request: pb.WatchImportRequest, context: Any
    ) -> AsyncIterator[pb.WatchImportResponse]:
        import_id = import_codec.checked_import_id(request.import_id)
        async with aclosing(self._desk.imports.watched(import_id)) as watched:
            async for progress in watched:
                yield pb.WatchImportResponse(progress=imports_codec.progress_to(progress))

    async def PauseImport(
        self, request: pb.PauseImportRequest, context: Any
    ) -> pb.PauseImportResponse:
        adopt_deadline(context)
        import_id = import_codec.checked_import_id(request.import_id)
        record = await self._desk.imports.runs.paused(import_id)
        progress = self._desk.imports.progress(record)
        return pb.PauseImportResponse(progress=imports_codec.progress_to(progress))

    async def ResumeImport(
        self, request: pb.ResumeImportRequest, context: Any
    ) -> pb.ResumeImportResponse:
        adopt_deadline(context)
        import_id = import_codec.checked_import_id(request.import_id)
        record = await self._desk.imports.runs.resumed(import_id)
        progress = self._desk.imports.progress(record)
        return pb.ResumeImportResponse(progress=imports_codec.progress_to(progress))

    async def CancelImport(
        self, request: pb.CancelImportRequest, context: Any
    ) -> pb.CancelImportResponse:
        adopt_deadline(context)
        return pb.CancelImportResponse(
            progress=await self._ended(request.import_id, ImportState.CANCELLED)
        )

    async def ListRejected(
        self, request: pb.ListRejectedRequest, context: Any
    ) -> pb.ListRejectedResponse:
        adopt_deadline(context)
        page = await self._desk.rejected.page(
            size=codec.at_most(request.page_size, MAX_PAGE, field="page_size"),
            token=request.page_token,
            import_id=request.import_id,
        )
        photos = [
            imports_codec.rejected_to(one, kept=self._desk.rejected.kept(one))
            for one in page.rejections
        ]
        return pb.ListRejectedResponse(
            photos=photos, next_page_token=page.next_token, total=page.total
        )

    async def RetryRejected(
        self, request: pb.RetryRejectedRequest, context: Any
    ) -> AsyncIterator[pb.RetryRejectedResponse]:
        ids = imports_codec.rejection_ids_from(request.rejection_ids)
        await self._desk.check.now()
        async with aclosing(self._desk.rejected.retried(ids)) as retried:
            async for number, outcome in retried:
                yield _retried(number, outcome)

    async def ForgetRejected(
        self, request: pb.ForgetRejectedRequest, context: Any
    ) -> pb.ForgetRejectedResponse:
        adopt_deadline(context)
        ids = imports_codec.rejection_ids_from(request.rejection_ids)
        return pb.ForgetRejectedResponse(forgotten=await self._desk.rejected.forget(ids))

    async def ReindexStages(
        self, request: pb.ReindexStagesRequest, context: Any
    ) -> pb.ReindexStagesResponse:
        adopt_deadline(context)
        stages = imports_codec.background_stages_from(request.stages)
        scope = import_codec.scope_from(request.scope)
        pending = await self._desk.reindexing.redo(stages, scope)
        return pb.ReindexStagesResponse(pending=codec.stage_counts(pending))

    async def _ended(self, import_id: str, state: ImportState) -> pb.Import:
        record = await self._desk.imports.runs.ended(
            import_codec.checked_import_id(import_id), state
        )
        return imports_codec.progress_to(self._desk.imports.progress(record))


async def _paths(
    first: pb.ImportPathsRequest, requests: AsyncIterator[pb.ImportPathsRequest]
) -> AsyncIterator[Path]:
    expected, request = 0, first
    while True:
        if request.item != expected:
            raise errors.InvalidInput(
                "item", f"{request.item} is out of order: the next photo is item {expected}"
            )
        yield imports_codec.path_from(request.path)
        expected += 1
        following = await anext(requests, None)
        if following is None:
            return
        request = following


def _retried(number: int, outcome: Imported | errors.NotFound) -> pb.RetryRejectedResponse:
    if isinstance(outcome, errors.NotFound):
        return pb.RetryRejectedResponse(rejection_id=number, status=statuses.item(outcome))
    return pb.RetryRejectedResponse(
        rejection_id=number, status=statuses.item(), outcome=codec.imported_to(outcome)
    )


def _check_own_machine(context: Any) -> None:
    """Raise Mismatch for a caller elsewhere: a path means nothing here, and files are private."""
    if not context.peer().startswith(OWN_MACHINE):
        raise errors.Mismatch(
            "photos can be imported in place only from the machine that the gateway runs on"
        )
