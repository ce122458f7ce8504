"""Small real services behind the gateway: colours for an embedder, one dog for a detector."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from common import codec, errors, images, statuses, vectors
from common.interceptors import request_id
from common.samples import Kind
from semapix.v1 import analysis_pb2, analysis_pb2_grpc, clusters_pb2
from semapix.v1 import detector_pb2 as detector
from semapix.v1 import detector_pb2_grpc as detector_rpc
from semapix.v1 import embedder_pb2 as embedder
from semapix.v1 import embedder_pb2_grpc as embedder_rpc
from semapix.v1 import types_pb2 as types

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "white": (255,) * 3}


def colour_vector(colour: Any) -> bytes:
    """Return the unit vector of an RGB colour."""
    values = np.asarray([*colour, 32.0], dtype=np.float32)
    return vectors.pack(vectors.normalised(values))


class FakeEmbedder(embedder_rpc.EmbedderServiceServicer):
    """A picture's vector is its mean colour, a text's that of the first colour word in it."""

    def __init__(self) -> None:
        self.fingerprint = "feed"
        # Zeros behind the colour: vectors of another dimension.
        self.zeros = 0
        self.batches: list[int] = []
        self.texts: list[str] = []
        self.understood: dict[str, float] = {}
        self.refusals = 0
        self.poison: tuple[int, int, int] | None = None
        # Pictures wait while it is not set.
        self.hold = asyncio.Event()
        self.hold.set()

    async def GetEncoderInfo(self, request: Any, context: Any) -> embedder.GetEncoderInfoResponse:
        return embedder.GetEncoderInfoResponse(
            model=f"colours-{self.fingerprint}",
            fingerprint=self.fingerprint,
            dimension=4 + self.zeros,
            max_images=4,
            max_image_bytes=2**25,
            max_regions=8,
            max_texts=8,
            max_text_chars=100,
            calibrations=[types.Calibration(pair=1, slope=10, offset=-5)],
        )

    async def EmbedImages(
        self, request: embedder.EmbedImagesRequest, context: Any
    ) -> embedder.EmbedImagesResponse:
        self._check(request.fingerprint)
        if self.refusals:
            self.refusals -= 1
            raise errors.Overloaded("full", retry_after_s=0.01)
        assert 1 <= len(request.images) <= 4
        await self.hold.wait()
        self.batches.append(len(request.images))
        await asyncio.sleep(0.01)
        return embedder.EmbedImagesResponse(
            embeddings=[self._image(one) for one in request.images], fingerprint=self.fingerprint
        )

    async def EmbedTexts(
        self, request: embedder.EmbedTextsRequest, context: Any
    ) -> embedder.EmbedTextsResponse:
        self._check(request.fingerprint)
        self.texts += request.texts
        found = [next((c for w, c in COLOURS.items() if w in t), (9, 9, 9)) for t in request.texts]
        return embedder.EmbedTextsResponse(
            embeddings=[
                embedder.TextEmbedding(
                    status=statuses.item(),
                    vector=self._vector(colour),
                    understood=self.understood.get(text),
                )
                for text, colour in zip(request.texts, found, strict=True)
            ],
            fingerprint=self.fingerprint,
        )

    def _check(self, fingerprint: str) -> None:
        if fingerprint not in ("", self.fingerprint):
            raise errors.Mismatch("another model")

    def _vector(self, colour: Any) -> types.Vector:
        return types.Vector(values=colour_vector(colour) + bytes(4 * self.zeros))

    def _image(self, one: embedder.ImageRegions) -> embedder.ImageEmbedding:
        image = images.decode(one.image).image
        if self.poison and np.allclose(np.asarray(image)[0, 0], self.poison, atol=9):
            error = errors.InvalidInput("image", "this colour is poison")
            return embedder.ImageEmbedding(status=statuses.item(error))
        boxes = [codec.box_from(box) for box in one.regions]
        crops = [images.crop(image, box) for box in boxes] or [image]
        colours = [np.asarray(crop).reshape(-1, 3).mean(0) for crop in crops]
        return embedder.ImageEmbedding(
            status=statuses.item(),
            vectors=[self._vector(colour) for colour in colours],
        )


class FakeDetector(detector_rpc.DetectorServiceServicer):
    """Sees a dog in the left half of every picture and reads the word it is told to."""

    def __init__(self) -> None:
        self.available = {detector.FEATURE_OBJECTS: True, detector.FEATURE_TEXTS: True}
        self.word = "white sale"
        self.error: errors.SemapixError | None = None
        self.crash_on: tuple[int, int, int] | None = None
        self.analyzed: list[int] = []
        self.busy = self.most_busy = 0

    async def GetDetectorInfo(self, request: Any, context: Any) -> detector.GetDetectorInfoResponse:
        return detector.GetDetectorInfoResponse(
            features=[
                detector.FeatureInfo(
                    feature=feature,
                    available=available,
                    model="eyes" if available else "",
                    reason="" if available else "No weights here.",
                )
                for feature, available in self.available.items()
            ]
        )

    async def Analyze(
        self, request: detector.AnalyzeRequest, context: Any
    ) -> detector.AnalyzeResponse:
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            await asyncio.sleep(0.01)
            return self._analyzed(request)
        finally:
            self.busy -= 1

    def _analyzed(self, request: detector.AnalyzeRequest) -> detector.AnalyzeResponse:
        image = images.decode(request.image).image
        if self.crash_on and np.allclose(image.getpixel((0, 0)), self.crash_on, atol=9):
            raise errors.Unavailable("the detector dies of this photo")
        assert len(request.features) == 1
        feature = request.features[0]
        assert self.available[feature]
        self.analyzed.append(feature)
        if self.error:
            raise self.error
        if feature == detector.FEATURE_TEXTS:
            box = types.Box(x=0.1, y=0.1, width=0.2, height=0.02)
            line = detector.TextLine(text=self.word, box=box, confidence=0.9)
            return detector.AnalyzeResponse(lines=[line])
        left = types.Box(x=0, y=0, width=0.5, height=1)
        small = types.Box(x=0, y=0, width=0.1, height=0.1)
        return detector.AnalyzeResponse(
            objects=[
                detector.DetectedObject(kind=Kind.ANIMAL, label="dog", box=box, confidence=0.8)
                for box in (left, small)
            ]
        )


class FakeAnalysis(analysis_pb2_grpc.AnalysisServiceServicer):
    """Knows one analysis, "a1"."""

    def __init__(self) -> None:
        self.request_ids: list[str] = []
        self.cleared = False

    async def GetAnalysis(self, request: Any, context: Any) -> analysis_pb2.GetAnalysisResponse:
        self.request_ids.append(request_id.get())
        if request.analysis_id == "away":
            raise errors.Unavailable("the index is away")
        if request.analysis_id != "a1":
            raise errors.InvalidInput("analysis_id", f"{request.analysis_id!r} is not an id")
        return analysis_pb2.GetAnalysisResponse(analysis=_analysis(1.0))

    async def DeleteAnalyses(
        self, request: analysis_pb2.DeleteAnalysesRequest, context: Any
    ) -> analysis_pb2.DeleteAnalysesResponse:
        self.cleared = request.everything
        return analysis_pb2.DeleteAnalysesResponse(deleted=1)

    async def GetClusters(self, request: Any, context: Any) -> analysis_pb2.GetClustersResponse:
        """Return a blue cluster among pictures of all colours, and one of texts."""
        assert request.with_centres
        blue = types.Vector(values=colour_vector(COLOURS["blue"]))
        mean = np.mean([np.frombuffer(colour_vector(c), "<f4") for c in COLOURS.values()], axis=0)
        sale = types.Sample(kind=Kind.TEXT, text="white sale")
        return analysis_pb2.GetClustersResponse(
            analysis=analysis_pb2.Analysis(fingerprint="feed"),
            clusters=[
                clusters_pb2.Cluster(centre=blue),
                clusters_pb2.Cluster(centre=blue, run=1, samples=[sale]),
            ],
            runs=[
                clusters_pb2.ClusterRun(kinds=[Kind.PHOTO], mean=vectors.pack(mean)),
                clusters_pb2.ClusterRun(kinds=[Kind.TEXT], mean=vectors.pack(mean)),
            ],
        )

    async def NameCluster(self, request: Any, context: Any) -> analysis_pb2.NameClusterResponse:
        named = clusters_pb2.Cluster(cluster_id=request.cluster_id, name=request.name)
        return analysis_pb2.NameClusterResponse(cluster=named)

    async def BackUpIdentities(
        self, request: Any, context: Any
    ) -> AsyncIterator[analysis_pb2.BackUpIdentitiesResponse]:
        for name, chunk in (("person.json", b"{}"), ("photo.json", b"[1"), ("photo.json", b",2]")):
            yield analysis_pb2.BackUpIdentitiesResponse(name=name, chunk=chunk)

    async def WatchAnalysis(
        self, request: Any, context: Any
    ) -> AsyncIterator[analysis_pb2.WatchAnalysisResponse]:
        for progress in (0.5, 1.0):
            yield analysis_pb2.WatchAnalysisResponse(analysis=_analysis(progress))
        if request.analysis_id == "broken":
            raise errors.NotFound("no such analysis")


def _analysis(progress: float) -> analysis_pb2.Analysis:
    return analysis_pb2.Analysis(analysis_id="a1", progress=progress)
