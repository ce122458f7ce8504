"""A trash in memory, and a check that finds what it is told to find."""

from collections.abc import Callable, MutableMapping
from typing import Protocol

from common import codec, errors, samples, statuses
from semapix.v1 import housekeeping_pb2 as pb
from semapix.v1 import housekeeping_pb2_grpc, index_keeping_pb2


class Photo(Protocol):
    """A photo of the library."""

    original: bytes
    facts: samples.PhotoFacts


class FakeKeeping(housekeeping_pb2_grpc.HousekeepingServiceServicer):
    """Photos leave `photos` for the trash and come back."""

    def __init__(self, photos: MutableMapping[str, Photo]) -> None:
        self._photos = photos
        self.trash: dict[str, Photo] = {}
        self.findings: list[str] = []

    def remove(self, photo_id: str) -> errors.SemapixError | None:
        """Move a photo into the trash; return what is wrong."""
        return self._moved(photo_id, self._photos.pop, self.trash)

    @staticmethod
    def _moved(
        photo_id: str, take: Callable[..., Photo | None], target: MutableMapping[str, Photo]
    ) -> errors.SemapixError | None:
        photo = take(photo_id, None)
        if photo is None:
            return errors.NotFound(f"no photo {photo_id}")
        target[photo_id] = photo
        return None

    async def ListTrash(self, request, context):  # type: ignore[no-untyped-def]
        photos = [
            index_keeping_pb2.TrashedPhoto(
                facts=codec.facts_to(one.facts), trashed_at_s=1_790_000_000
            )
            for one in self.trash.values()
        ]
        return pb.ListTrashResponse(photos=photos[: request.page_size or 100], total=len(photos))

    async def RestorePhotos(self, request, context):  # type: ignore[no-untyped-def]
        back = (self._moved(one, self.trash.pop, self._photos) for one in request.photo_ids)
        return pb.RestorePhotosResponse(statuses=map(statuses.item, back))

    async def EmptyTrash(self, request, context):  # type: ignore[no-untyped-def]
        total = len(self.trash)
        self.trash.clear()
        yield pb.EmptyTrashResponse(deleted=total, total=total)

    async def CheckLibrary(self, request, context):  # type: ignore[no-untyped-def]
        for message in self.findings:
            finding = index_keeping_pb2.Finding(kind=5, message=message, repaired=request.repair)
            yield pb.CheckLibraryResponse(finding=finding, step="originals", done=1, total=2)
        yield pb.CheckLibraryResponse(step="files", done=len(self._photos), total=2)

    async def BackUpOriginal(self, request, context):  # type: ignore[no-untyped-def]
        yield pb.BackUpOriginalResponse(chunk=self.trash[request.photo_id].original)
