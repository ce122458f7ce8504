"""Imports, rejected photos and stages to be done again, as blocking calls with values."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from common import errors, import_codec, statuses
from common.imports import ImportRecord, Outcome, RedoScope, Rejection
from common.samples import Stage
from semapix.v1 import imports_pb2 as pb
from semapix.v1.gateway_pb2_grpc import GatewayServiceStub
from semapix.v1.imports_pb2_grpc import ImportServiceStub
from ui import answers, calls, codec
from ui.sending import Sending, sendable

QUICK_S = 60.0
PAGE = 1000


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """An import with what is under way; `remaining_s` is None where it cannot be known."""

    record: ImportRecord
    in_flight: int
    photos_per_s: float
    remaining_s: float | None


@dataclass(frozen=True, slots=True)
class RejectedPhoto:
    """A photo on the list of the rejected; `kept` if the gateway can try it again by itself."""

    rejection: Rejection
    kept: bool


class ImportCall:
    """One stream of photos under way; may be cancelled from another thread."""

    def __init__(self, stub: GatewayServiceStub, sending: Sending, address: str) -> None:
        self._sending, self._address = sending, address
        self._call = stub.ImportPhotos(sending.requests())

    def cancel(self) -> None:
        """End it at once; what the gateway has received it finishes."""
        self._call.cancel()  # type: ignore[no-untyped-call]

    def outcomes(self) -> Iterator[answers.Imported]:
        """Yield the outcome of each photo, in any order. Raises Unavailable, Cancelled."""
        with calls.answered(self._address):
            for response in self._call:
                if response.item not in self._sending.broken:
                    yield codec.imported_from(response)
                yield from self._sending.unreadable()
        yield from self._sending.unreadable()


class ImportClient:
    """The imports of one library."""

    def __init__(self, stub: ImportServiceStub, gateway: GatewayServiceStub, address: str) -> None:
        self._stub, self._gateway, self._address = stub, gateway, address

    def create(self, record: ImportRecord) -> ImportRecord:
        """Begin an import, or go on with a known one. Raises Mismatch if there is no room."""
        request = pb.CreateImportRequest(
            import_id=record.import_id,
            label=record.label,
            paths=[sendable(path) for path in record.paths],
            in_place=record.in_place,
            total=record.total,
            total_bytes=record.total_bytes,
        )
        with calls.answered(self._address):
            answer = self._stub.CreateImport(request, timeout=QUICK_S)
        return import_codec.record_from(answer.progress.record)

    def send(self, sources: Iterable[answers.PhotoSource], import_id: str) -> ImportCall:
        """Begin to send photos for an import."""
        return ImportCall(self._gateway, Sending(sources, import_id), self._address)

    def settle(self, import_id: str, offers: Sequence[tuple[str, str]]) -> list[Outcome | None]:
        """Return the outcome of each (source, photo id) that need not be sent, else None."""
        photos = [pb.PhotoOffer(source=sendable(name)[:4096], photo_id=i) for name, i in offers]
        request = pb.SettlePhotosRequest(import_id=import_id, photos=photos)
        with calls.answered(self._address):
            answer = self._stub.SettlePhotos(request, timeout=QUICK_S)
        return [Outcome(number) if number else None for number in answer.outcomes]

    def in_place(self, paths: Iterable[str], import_id: str) -> Iterator[answers.Imported]:
        """Yield the outcome of each photo by its absolute path on the gateway's machine."""
        requests = (
            pb.ImportPathsRequest(item=item, path=path, import_id="" if item else import_id)
            for item, path in enumerate(paths)
        )
        call = self._stub.ImportPaths(requests)
        try:
            with calls.answered(self._address):
                for response in call:
                    yield codec.imported_from(response.outcome)
        finally:
            call.cancel()  # type: ignore[no-untyped-call]

    def finish(self, import_id: str) -> ImportProgress:
        """Say that no more photos come."""
        with calls.answered(self._address):
            request = pb.FinishImportRequest(import_id=import_id)
            return _progress(self._stub.FinishImport(request, timeout=QUICK_S).progress)

    def get(self, import_id: str) -> ImportProgress:
        """Return one import as it is now. Raises NotFound."""
        with calls.answered(self._address):
            request = pb.GetImportRequest(import_id=import_id)
            return _progress(self._stub.GetImport(request, timeout=QUICK_S).progress)

    def pause(self, import_id: str) -> ImportProgress:
        """Hold an import. Raises NotFound, Mismatch."""
        with calls.answered(self._address):
            request = pb.PauseImportRequest(import_id=import_id)
            return _progress(self._stub.PauseImport(request, timeout=QUICK_S).progress)

    def resume(self, import_id: str) -> ImportProgress:
        """Let an import go on after a pause. Raises NotFound, Mismatch."""
        with calls.answered(self._address):
            request = pb.ResumeImportRequest(import_id=import_id)
            return _progress(self._stub.ResumeImport(request, timeout=QUICK_S).progress)

    def cancel(self, import_id: str) -> ImportProgress:
        """End an import. Raises NotFound."""
        with calls.answered(self._address):
            request = pb.CancelImportRequest(import_id=import_id)
            return _progress(self._stub.CancelImport(request, timeout=QUICK_S).progress)

    def list(self, *, limit: int = 20) -> list[ImportProgress]:
        """Return the newest imports."""
        with calls.answered(self._address):
            request = pb.ListImportsRequest(page_size=limit)
            answer = self._stub.ListImports(request, timeout=QUICK_S)
        return [_progress(one) for one in answer.imports]

    def rejected(self, import_id: str = "") -> Iterator[RejectedPhoto]:
        """Yield what was rejected and not imported since, newest first."""
        token = ""
        while True:
            request = pb.ListRejectedRequest(page_size=PAGE, page_token=token, import_id=import_id)
            with calls.answered(self._address):
                answer = self._stub.ListRejected(request, timeout=QUICK_S)
            for one in answer.photos:
                yield RejectedPhoto(import_codec.rejection_from(one.rejection), one.kept)
            token = answer.next_page_token
            if not token:
                return

    def first_rejected(self, *, limit: int) -> tuple[Sequence[RejectedPhoto], int]:
        """Return the newest rejected photos, at most 1,000, and how many are on the list."""
        with calls.answered(self._address):
            request = pb.ListRejectedRequest(page_size=limit)
            answer = self._stub.ListRejected(request, timeout=QUICK_S)
        photos = (
            RejectedPhoto(import_codec.rejection_from(one.rejection), one.kept)
            for one in answer.photos
        )
        return tuple(photos), answer.total

    def retry(
        self, rejection_ids: Sequence[int]
    ) -> Iterator[tuple[int, answers.Imported | errors.SemapixError]]:
        """Yield what becomes of each that is tried again, or why it cannot be."""
        request = pb.RetryRejectedRequest(rejection_ids=rejection_ids)
        with calls.answered(self._address):
            for answer in self._stub.RetryRejected(request):
                error = statuses.item_error(answer.status)
                found = error or replace(codec.imported_from(answer.outcome), item=0)
                yield answer.rejection_id, found

    def forget(self, rejection_ids: Sequence[int]) -> int:
        """Take rejected photos off the list; return how many were on it."""
        with calls.answered(self._address):
            request = pb.ForgetRejectedRequest(rejection_ids=rejection_ids)
            return self._stub.ForgetRejected(request, timeout=QUICK_S).forgotten

    def reindex(self, stages: Sequence[Stage], scope: RedoScope) -> dict[Stage, int]:
        """Have stages done again; return how many photos each is to be done for."""
        request = pb.ReindexStagesRequest(
            stages=[int(stage) for stage in stages],  # type: ignore[misc]
            scope=int(scope),  # type: ignore[arg-type]
        )
        with calls.answered(self._address):
            answer = self._stub.ReindexStages(request, timeout=QUICK_S)
        return {Stage(one.stage): one.count for one in answer.pending}


def _progress(message: pb.Import) -> ImportProgress:
    return ImportProgress(
        record=import_codec.record_from(message.record),
        in_flight=message.in_flight,
        photos_per_s=message.photos_per_s,
        remaining_s=message.remaining_s if message.HasField("remaining_s") else None,
    )
