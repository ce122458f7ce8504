"""The gateway as blocking calls with values: what the command line and the web page use.

Every call has a deadline, and raises `common.errors.SemapixError` with a sentence for a person.
"""

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType

from common import clients, errors, statuses
from common.samples import Entry
from semapix.v1 import (
    analysis_pb2_grpc,
    gateway_pb2_grpc,
    housekeeping_pb2_grpc,
    imports_pb2_grpc,
    reembedding_pb2_grpc,
)
from semapix.v1 import gateway_pb2 as pb
from ui import answers, calls, codec, search_codec
from ui.analysis_client import AnalysisClient
from ui.housekeeping_client import HousekeepingClient
from ui.import_client import ImportClient
from ui.reembedding_client import ReembeddingClient
from ui.reflection_client import ReflectionClient
from ui.sending import Sending

QUICK_S = 15.0
SEARCH_S = 60.0
TRANSFER_S = 300.0


class Client:
    """One library, by the address of its gateway: "host:port". Threads may share it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._channel = clients.blocking_channel(address)
        self._gateway = gateway_pb2_grpc.GatewayServiceStub(self._channel)
        self.housekeeping = HousekeepingClient(
            housekeeping_pb2_grpc.HousekeepingServiceStub(self._channel), address
        )
        self.analyses = AnalysisClient(
            analysis_pb2_grpc.AnalysisServiceStub(self._channel), address
        )
        imports = imports_pb2_grpc.ImportServiceStub(self._channel)
        self.imports = ImportClient(imports, self._gateway, address)
        reembedding = reembedding_pb2_grpc.ReembeddingServiceStub(self._channel)
        self.reembedding = ReembeddingClient(reembedding, address)
        self.reflection = ReflectionClient(self._channel, address)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; calls that still run are cancelled."""
        self._channel.close()

    def import_photos(self, sources: Iterable[answers.PhotoSource]) -> Iterator[answers.Imported]:
        """Yield the outcome of each photo as soon as it is known, in any order.

        Sources are drawn and read as the gateway takes them; one that raises OSError is UNREADABLE.
        There is no deadline, for an import may take hours: the connection is watched instead.
        Raises Unavailable when the gateway goes away; outcomes yielded until then stand.
        """
        sending = Sending(sources)
        call = self._gateway.ImportPhotos(sending.requests())
        try:
            with calls.answered(self.address):
                for response in call:
                    if response.item not in sending.broken:
                        yield codec.imported_from(response)
                    yield from sending.unreadable()
        finally:
            call.cancel()  # type: ignore[no-untyped-call]
        yield from sending.unreadable()

    def search(self, query: answers.Query) -> answers.Answer:
        """Return the photos that answer `query`, best first."""
        request = search_codec.request_from(query)
        with calls.answered(self.address):
            return search_codec.answer_from(self._gateway.Search(request, timeout=SEARCH_S))

    def photo(self, photo_id: str) -> Entry:
        """Return one photo with its samples. Raises NotFound."""
        with calls.answered(self.address):
            request = pb.GetPhotoRequest(photo_id=photo_id)
            return codec.photo_from(self._gateway.GetPhoto(request, timeout=QUICK_S).photo)

    def photos(self, photo_ids: Sequence[str]) -> list[Entry | errors.SemapixError]:
        """Return photos with their samples, in this order, each or why there is none."""
        with calls.answered(self.address):
            request = pb.BatchGetPhotosRequest(photo_ids=photo_ids)
            results = self._gateway.BatchGetPhotos(request, timeout=SEARCH_S).results
        return [
            statuses.item_error(result.status) or codec.photo_from(result.photo)
            for result in results
        ]

    def list_photos(self, *, page_size: int = 100, token: str = "", skip: int = 0) -> answers.Page:
        """Return one page of photos without samples, newest first; "" is the first page.

        `skip` photos behind the token are left out first.
        """
        with calls.answered(self.address):
            request = pb.ListPhotosRequest(page_size=page_size, page_token=token, skip=skip)
            return codec.page_from(self._gateway.ListPhotos(request, timeout=QUICK_S))

    def original(self, photo_id: str) -> Iterator[bytes]:
        """Yield the bytes that were imported, in pieces. Raises NotFound."""
        request = pb.DownloadOriginalRequest(photo_id=photo_id)
        with calls.answered(self.address):
            for response in self._gateway.DownloadOriginal(request, timeout=TRANSFER_S):
                yield response.chunk

    def thumbnail(self, photo_id: str, *, size_px: int = 320) -> bytes:
        """Return a small upright JPEG, its longest side `size_px`, 16 to 1,024. Raises NotFound."""
        request = pb.DownloadThumbnailRequest(photo_id=photo_id, size_px=size_px)
        with calls.answered(self.address):
            responses = self._gateway.DownloadThumbnail(request, timeout=QUICK_S)
            return b"".join(response.chunk for response in responses)

    def remove(
        self, photo_ids: Sequence[str], *, permanently: bool = False
    ) -> list[errors.SemapixError | None]:
        """Move photos into the trash, or delete them for good; return what went wrong with each."""
        with calls.answered(self.address):
            request = pb.RemovePhotosRequest(photo_ids=photo_ids, permanently=permanently)
            response = self._gateway.RemovePhotos(request, timeout=TRANSFER_S)
        return [statuses.item_error(status) for status in response.statuses]

    def status(self) -> answers.Status:
        """Return health, counts, and what is still to be done."""
        with calls.answered(self.address):
            request = pb.GetStatusRequest()
            return codec.status_from(self._gateway.GetStatus(request, timeout=QUICK_S))
