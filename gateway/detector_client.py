"""The detector as values."""

from typing import cast

from common import codec
from common.samples import Box, Kind, Stage
from gateway.calls import Service
from gateway.services import Feature, Finding
from semapix.v1 import detector_pb2 as pb
from semapix.v1 import detector_pb2_grpc as rpc

QUICK_S = 5.0
ANALYZE_S = 180.0
_FEATURES = {Stage.DETECT: pb.FEATURE_OBJECTS, Stage.OCR: pb.FEATURE_TEXTS}
_STAGES = {feature: stage for stage, feature in _FEATURES.items()}


class DetectorClient:
    """Satisfies `services.Detector`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        stub = rpc.DetectorServiceStub(service.channel)
        self._stub = cast("rpc.DetectorServiceAsyncStub", stub)

    async def features(self) -> tuple[Feature, ...]:
        """Return what the detector can do now."""
        method, request = self._stub.GetDetectorInfo, pb.GetDetectorInfoRequest()
        about = await self._service.ask(method, request, most_s=QUICK_S)
        return tuple(
            Feature(_STAGES[one.feature], one.available, one.model)
            for one in about.features
            if one.feature in _STAGES
        )

    async def find(self, encoded: bytes, stage: Stage) -> list[Finding]:
        """Return the objects (DETECT) or text lines (OCR) of a picture."""
        request = pb.AnalyzeRequest(image=encoded, features=[_FEATURES[stage]])
        answer = await self._service.ask(self._stub.Analyze, request, most_s=ANALYZE_S)
        if stage is Stage.OCR:
            return [_read(line) for line in answer.lines]
        return [_seen(item) for item in answer.objects]


def _seen(message: pb.DetectedObject) -> Finding:
    kind = codec.kind_from(message.kind, "objects.kind")
    return Finding(kind, _box(message), message.confidence, label=message.label)


def _read(message: pb.TextLine) -> Finding:
    return Finding(Kind.TEXT, _box(message), message.confidence, text=message.text)


def _box(message: pb.DetectedObject | pb.TextLine) -> Box:
    box = message.box
    return Box(box.x, box.y, box.width, box.height)
