"""A small library in memory with real pictures and made-up findings, served by the real server.

It stands in for the gateway where a page must be tried against contents no real model would give:
hostile names and texts, a library of many pages, a service that is down.
"""

import asyncio
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import grpc
from PIL import Image

from common import codec, errors, images, samples, statuses
from common.samples import Box, Kind, Sample
from semapix.v1 import analysis_pb2 as apb
from semapix.v1 import analysis_pb2_grpc as arpc
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import gateway_pb2_grpc as rpc
from semapix.v1 import housekeeping_pb2_grpc, imports_pb2_grpc, index_pb2, search_pb2
from semapix.v1 import types_pb2 as tpb
from tests.browser import fake_clusters, fake_duplicates, fake_maps, fake_search
from tests.browser.fake_imports import FakeImports
from tests.browser.fake_keeping import FakeKeeping

NAMES = tuple(
    f"semapix.v1.{name}Service" for name in ("Gateway", "Analysis", "Import", "Housekeeping")
)
CHUNK = 2**19


@dataclass
class FakePhoto:
    """A photo and what is said to be in it."""

    original: bytes
    facts: samples.PhotoFacts
    samples: list[Sample]

    def message(self, *, whole: bool = True) -> pb.Photo:
        found = self.samples if whole else []
        return pb.Photo(facts=codec.facts_to(self.facts), samples=map(codec.sample_to, found))


def fake_photo(
    name: str, original: bytes, found: Iterable[tuple[Kind, str, Box]] = ()
) -> FakePhoto:
    """Return a photo; `found` are kind, label or text, and box."""
    decoded = images.decode(original)
    photo_id = samples.photo_id(original)
    facts = samples.PhotoFacts(
        photo_id, *decoded.image.size, len(original), decoded.format, (name,), 1_790_000_000
    )
    whole = Sample(
        samples.sample_id(photo_id, Kind.PHOTO, samples.WHOLE_PHOTO), photo_id, Kind.PHOTO
    )
    return FakePhoto(original, facts, [whole, *(_sample(photo_id, *one) for one in found)])


def _sample(photo_id: str, kind: Kind, words: str, box: Box) -> Sample:
    text = words if kind is Kind.TEXT else ""
    label = "" if kind is Kind.TEXT else words
    return Sample(
        samples.sample_id(photo_id, kind, box, words), photo_id, kind, label, box, 0.9, text
    )


@dataclass
class FakeLibrary:
    """What the servicers share."""

    photos: dict[str, FakePhoto] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    queries: list[search_pb2.SearchRequest] = field(default_factory=list)
    jobs: dict[str, apb.Analysis] = field(default_factory=dict)
    made_up_points: int = 0
    groups_of_duplicates: int = 0
    imports: FakeImports = field(default_factory=FakeImports)
    pending: int = 0
    names: dict[str, str] = field(default_factory=dict)
    listing_s: float = 0.0

    def __post_init__(self) -> None:
        self.keeping = FakeKeeping(self.photos)
        self.first_photos: list[FakePhoto] = []

    def add(self, photo: FakePhoto) -> bool:
        """Return whether the photo is new."""
        new = photo.facts.photo_id not in self.photos
        if new:
            self.photos[photo.facts.photo_id] = photo
            self.first_photos.append(photo)
        return new

    def photo(self, photo_id: str) -> FakePhoto:
        """Raises NotFound."""
        if photo_id not in self.photos:
            raise errors.NotFound(f"no photo {photo_id}")
        return self.photos[photo_id]

    def register(self, server: grpc.aio.Server) -> None:
        imports_pb2_grpc.add_ImportServiceServicer_to_server(self.imports, server)
        housekeeping_pb2_grpc.add_HousekeepingServiceServicer_to_server(self.keeping, server)
        rpc.add_GatewayServiceServicer_to_server(FakeGateway(self), server)
        arpc.add_AnalysisServiceServicer_to_server(FakeAnalysis(self), server)


class FakeGateway(rpc.GatewayServiceServicer):
    """Answers from memory; every search finds every photo, the words it names first."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    async def ImportPhotos(self, request_iterator, context):  # type: ignore[no-untyped-def]
        held, source, import_id = b"", "", ""
        async for piece in request_iterator:
            held, source = held + piece.chunk, piece.source or source
            import_id = import_id or piece.import_id
            if piece.last:
                while self._library.imports.waits(import_id):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                response = self._import(piece.item, source, held)
                self._library.imports.note(import_id, response)
                yield response
                held, source = b"", ""

    def _import(self, item: int, source: str, original: bytes) -> pb.ImportPhotosResponse:
        try:
            photo = fake_photo(source, original)
        except errors.InvalidInput as error:
            return pb.ImportPhotosResponse(
                item=item, source=source, outcome=pb.OUTCOME_REJECTED, message=str(error),
                reason=pb.REJECT_REASON_NOT_AN_IMAGE,
            )  # fmt: skip
        outcome = pb.OUTCOME_ADDED if self._library.add(photo) else pb.OUTCOME_DUPLICATE
        return pb.ImportPhotosResponse(
            item=item, source=source, outcome=outcome, photo_id=photo.facts.photo_id
        )

    async def Search(
        self, request: search_pb2.SearchRequest, context: object
    ) -> search_pb2.SearchResponse:
        self._library.queries.append(request)
        found = ((one.facts, one.samples) for one in self._library.photos.values())
        return fake_search.answer(request, found)

    async def GetPhoto(self, request: pb.GetPhotoRequest, context: object) -> pb.GetPhotoResponse:
        return pb.GetPhotoResponse(photo=self._library.photo(request.photo_id).message())

    async def BatchGetPhotos(self, request, context):  # type: ignore[no-untyped-def]
        return pb.BatchGetPhotosResponse(results=map(self._result, request.photo_ids))

    def _result(self, photo_id: str) -> pb.PhotoResult:
        photo = self._library.photos.get(photo_id)
        if photo is None:
            return pb.PhotoResult(status=statuses.item(errors.NotFound(f"no photo {photo_id}")))
        return pb.PhotoResult(status=statuses.item(), photo=photo.message())

    async def ListPhotos(self, request, context):  # type: ignore[no-untyped-def]
        await asyncio.sleep(self._library.listing_s)
        at, size = int(request.page_token or 0) + request.skip, request.page_size or 100
        photos = list(self._library.photos.values())
        more = at + size < len(photos)
        return pb.ListPhotosResponse(
            photos=[photo.message(whole=False) for photo in photos[at : at + size]],
            next_page_token=str(at + size) if more else "",
            total=len(photos),
        )

    async def DownloadOriginal(self, request, context):  # type: ignore[no-untyped-def]
        original = self._library.photo(request.photo_id).original
        for at in range(0, len(original), CHUNK):
            yield pb.DownloadOriginalResponse(chunk=original[at : at + CHUNK])

    async def DownloadThumbnail(self, request, context):  # type: ignore[no-untyped-def]
        image = images.decode(self._library.photo(request.photo_id).original).image
        jpeg = images.working_copy(image, long_side=request.size_px or 320)
        yield pb.DownloadThumbnailResponse(chunk=jpeg)

    async def RemovePhotos(self, request, context):  # type: ignore[no-untyped-def]
        gone = map(self._library.keeping.remove, request.photo_ids)
        return pb.RemovePhotosResponse(statuses=map(statuses.item, gone))

    async def GetStatus(self, request: object, context: object) -> pb.GetStatusResponse:
        names = ("embedder", "detector", "index", "analysis")
        return pb.GetStatusResponse(
            services=[pb.ServiceStatus(name=name, serving=True, models=["fake"]) for name in names],
            photos=len(self._library.photos),
            notices=self._library.notices,
            pending=[index_pb2.StageCount(stage=2, count=self._library.pending)],
            speeds=[pb.StageSpeed(stage=2, photos_per_s=1.5, remaining_s=120)],
            version="0",
        )


class FakeAnalysis(arpc.AnalysisServiceServicer):
    """Ends every job at once: two clusters of all but the last photo, a map."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    async def StartAnalysis(self, request, context):  # type: ignore[no-untyped-def]
        job = apb.Analysis(
            analysis_id=hashlib.sha256(request.spec.SerializeToString()).hexdigest()[:16],
            spec=request.spec, state=apb.ANALYSIS_STATE_SUCCEEDED, progress=1, step="done",
            samples=len(self._library.photos),
        )  # fmt: skip
        self._library.jobs[job.analysis_id] = job
        return apb.StartAnalysisResponse(analysis=job)

    async def ListAnalyses(self, request: object, context: object) -> apb.ListAnalysesResponse:
        return apb.ListAnalysesResponse(analyses=reversed(self._library.jobs.values()))

    async def GetClusters(self, request, context):  # type: ignore[no-untyped-def]
        job = self._library.jobs[request.analysis_id]
        found = fake_clusters.answer(job, self._wholes(), self._library.names)
        return fake_clusters.cut(found, request.most_samples)

    async def NameCluster(self, request, context):  # type: ignore[no-untyped-def]
        self._library.names[request.cluster_id] = request.name
        job = self._library.jobs[request.analysis_id]
        found = fake_clusters.answer(job, self._wholes(), self._library.names).clusters
        named = next(one for one in found if one.cluster_id == request.cluster_id)
        return apb.NameClusterResponse(cluster=named)

    async def GetMap(self, request, context):  # type: ignore[no-untyped-def]
        job = self._library.jobs[request.analysis_id]
        wholes, made_up = self._wholes(), self._library.made_up_points
        points = fake_maps.crowd(wholes, made_up) if made_up else fake_maps.spiral(wholes)
        return apb.GetMapResponse(
            analysis=job, points=fake_maps.placed(points, job.spec.map.dimensions)
        )

    async def GetDuplicates(self, request, context):  # type: ignore[no-untyped-def]
        facts = [codec.facts_to(photo.facts) for photo in self._library.first_photos]
        job, count = self._library.jobs[request.analysis_id], self._library.groups_of_duplicates
        return fake_duplicates.answer(job, facts, count)

    def _wholes(self) -> list[tpb.Sample]:
        return [codec.sample_to(photo.samples[0]) for photo in self._library.photos.values()]


def picture(colour: str, size: tuple[int, int] = (320, 200)) -> bytes:
    """Return a PNG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()
