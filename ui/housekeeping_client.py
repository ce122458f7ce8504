"""Keeping house as blocking calls with values."""

from collections.abc import Iterator, Sequence

from common import codec, errors, statuses
from semapix.v1 import housekeeping_pb2 as pb
from semapix.v1 import index_keeping_pb2 as keeping
from semapix.v1.housekeeping_pb2_grpc import HousekeepingServiceStub
from ui import calls
from ui.housekeeping import CataloguePiece, Checked, Finding, Scope, Trashed, Trouble

QUICK_S = 15.0
TRANSFER_S = 300.0
PAGE = 1000
Results = list[errors.SemapixError | None]


class HousekeepingClient:
    """The trash, the check, and what backups and exports are made of."""

    def __init__(self, stub: HousekeepingServiceStub, address: str) -> None:
        self._stub, self._address = stub, address

    def trash(self) -> Iterator[Trashed]:
        """Yield all photos in the trash, by id."""
        token = ""
        while True:
            request = pb.ListTrashRequest(page_size=PAGE, page_token=token)
            with calls.answered(self._address):
                page = self._stub.ListTrash(request, timeout=QUICK_S)
            for one in page.photos:
                yield Trashed(codec.facts_from(one.facts), one.trashed_at_s)
            token = page.next_page_token
            if not token:
                return

    def first_trashed(self, *, limit: int) -> tuple[list[Trashed], int]:
        """Return photos in the trash, at most 1,000, and how many there are."""
        with calls.answered(self._address):
            page = self._stub.ListTrash(pb.ListTrashRequest(page_size=limit), timeout=QUICK_S)
        photos = [Trashed(codec.facts_from(one.facts), one.trashed_at_s) for one in page.photos]
        return photos, page.total

    def restore(self, photo_ids: Sequence[str]) -> Results:
        """Bring photos back, at most 1,000; return what went wrong with each."""
        with calls.answered(self._address):
            request = pb.RestorePhotosRequest(photo_ids=photo_ids)
            response = self._stub.RestorePhotos(request, timeout=TRANSFER_S)
        return [statuses.item_error(status) for status in response.statuses]

    def empty(self, photo_ids: Sequence[str] = ()) -> Iterator[tuple[int, int]]:
        """Delete what is in the trash, or these alone; yield how many of how many so far."""
        with calls.answered(self._address):
            for one in self._stub.EmptyTrash(pb.EmptyTrashRequest(photo_ids=photo_ids)):
                yield one.deleted, one.total

    def clear(self, scope: Scope) -> Iterator[tuple[int, int]]:
        """Delete photos or thumbnails for good; yield how many of how many so far."""
        request = pb.ClearLibraryRequest(scope=int(scope))  # type: ignore[arg-type]
        with calls.answered(self._address):
            for one in self._stub.ClearLibrary(request):
                yield one.deleted, one.total

    def check(self, *, repair: bool) -> Iterator[Checked]:
        """Yield how far the check is and what it finds."""
        with calls.answered(self._address):
            for one in self._stub.CheckLibrary(pb.CheckLibraryRequest(repair=repair)):
                finding = _finding(one.finding) if one.HasField("finding") else None
                yield Checked(one.step, one.done, one.total, finding)

    def catalogue(self) -> Iterator[CataloguePiece]:
        """Yield a copy of the catalogue in pieces, then the ids of the photos in it."""
        with calls.answered(self._address):
            for one in self._stub.BackUpCatalogue(pb.BackUpCatalogueRequest()):
                yield CataloguePiece(one.chunk, tuple(one.photo_ids), one.revision)

    def stored(self, photo_id: str) -> Iterator[bytes]:
        """Yield an original in pieces, of a photo in the trash, too. Raises NotFound."""
        request = pb.BackUpOriginalRequest(photo_id=photo_id)
        with calls.answered(self._address):
            for one in self._stub.BackUpOriginal(request, timeout=TRANSFER_S):
                yield one.chunk

    def places(self, photo_ids: Sequence[str]) -> list[str]:
        """Return the path of each original on the gateway's machine, "" where it has none."""
        with calls.answered(self._address):
            request = pb.LocateOriginalsRequest(photo_ids=photo_ids)
            results = self._stub.LocateOriginals(request, timeout=QUICK_S).results
        return [one.path for one in results]

    def vectors(self) -> Iterator[tuple[str, bytes]]:
        """Yield the id of every sample with its vector, little-endian float32."""
        with calls.answered(self._address):
            for chunk in self._stub.ExportVectors(pb.ExportVectorsRequest()):
                for one in chunk.vectors:
                    yield one.sample_id, one.vector.values


def _finding(message: keeping.Finding) -> Finding:
    known = {int(kind) for kind in Trouble}
    kind = Trouble(message.kind if message.kind in known else 0)
    return Finding(kind, message.id, message.message, message.repaired)
