"""DetectorService on the wire: messages to values, values to messages."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import grpc
from PIL import Image

from common import codec, errors, images
from common.batching import Batcher
from detector_service.findings import About, Absent, Detection, Line
from detector_service.looking import Feature, Lookout
from semapix.v1 import detector_pb2 as pb
from semapix.v1 import detector_pb2_grpc as rpc
from semapix.v1 import types_pb2

NAME = "semapix.v1.DetectorService"
# The models look at about 1,000 pixels; more only takes memory while a picture waits.
WORKING_SIDE_PX = 1600
# Models shrink a picture further: of a line of one pixel they would keep none.
LEAST_SIDE_PX = 2
_FEATURES = {
    Feature.OBJECTS: pb.FEATURE_OBJECTS,
    Feature.TEXTS: pb.FEATURE_TEXTS,
}
_BY_NUMBER = {int(number): feature for feature, number in _FEATURES.items()}


class DetectorServicer(rpc.DetectorServiceServicer):
    """Answers for one lookout."""

    def __init__(self, lookout: Lookout, *, limits: images.Limits, max_waiting: int) -> None:
        self._lookout, self._limits = lookout, limits
        # One at a time: decoded, a picture may take a hundred times its bytes.
        self._decoding: Batcher[bytes, Image.Image] = Batcher(
            lambda pictures: [_upright(encoded, limits) for encoded in pictures],
            max_batch=1,
            max_waiting=max_waiting,
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """Decode until the block ends."""
        return self._decoding.running()

    def register(self, server: grpc.aio.Server) -> None:
        """Add the service to a server."""
        rpc.add_DetectorServiceServicer_to_server(self, server)

    async def GetDetectorInfo(
        self, request: pb.GetDetectorInfoRequest, context: Any
    ) -> pb.GetDetectorInfoResponse:
        """Return which features there are, with which models."""
        features = [_feature_info(feature, about) for feature, about in self._lookout.about.items()]
        return pb.GetDetectorInfoResponse(features=features, max_image_bytes=self._limits.max_bytes)

    async def Analyze(self, request: pb.AnalyzeRequest, context: Any) -> pb.AnalyzeResponse:
        """Return the objects and text lines of one picture."""
        features = self._lookout.chosen(_wanted(request.features))
        decoded = await self._decoding.submit([request.image])
        found = await self._lookout.look(decoded.results[0], features)
        return pb.AnalyzeResponse(
            objects=[_object(detection) for detection in found.objects],
            lines=[_line(line) for line in found.lines],
            features=[_FEATURES[feature] for feature in features],
            timing=types_pb2.Timing(queue_ms=found.queue_ms, compute_ms=found.compute_ms),
        )


def _wanted(numbers: Sequence[int]) -> list[Feature]:
    for at, number in enumerate(numbers):
        if number not in _BY_NUMBER:
            names = " or ".join(pb.Feature.Name(known) for known in _FEATURES.values())
            raise errors.InvalidInput(f"features[{at}]", f"{number} is not {names}")
    return [_BY_NUMBER[number] for number in numbers]


def _upright(encoded: bytes, limits: images.Limits) -> Image.Image:
    image = images.decode(encoded, limits=limits).image
    image.thumbnail((WORKING_SIDE_PX, WORKING_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if min(image.size) >= LEAST_SIDE_PX:
        return image
    return image.resize((max(LEAST_SIDE_PX, image.width), max(LEAST_SIDE_PX, image.height)))


def _feature_info(feature: Feature, about: About | Absent) -> pb.FeatureInfo:
    if isinstance(about, Absent):
        return pb.FeatureInfo(feature=_FEATURES[feature], reason=about.reason)
    return pb.FeatureInfo(
        feature=_FEATURES[feature],
        available=True,
        model=about.name,
        fingerprint=about.fingerprint,
        device=about.device,
    )


def _object(detection: Detection) -> pb.DetectedObject:
    return pb.DetectedObject(
        kind=int(detection.kind),  # type: ignore[arg-type]
        label=detection.label,
        box=codec.box_to(detection.box),
        confidence=detection.confidence,
    )


def _line(line: Line) -> pb.TextLine:
    return pb.TextLine(
        text=line.text,
        box=codec.box_to(line.box),
        confidence=line.confidence,
        block=line.block,
    )
