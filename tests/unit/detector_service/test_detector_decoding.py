"""What a picture costs before any model sees it is bounded."""

import asyncio
import time

import pytest
from PIL import Image

from common import errors, images
from detector_service.findings import About, Absent, Line
from detector_service.looking import Lookout
from detector_service.servicer import DetectorServicer
from semapix.v1 import detector_pb2 as pb


class Silent:
    """Reads nothing."""

    about = About("silent", "ab" * 32, "cpu")

    def read(self, image: Image.Image) -> list[Line]:
        return []


async def test_pictures_are_decoded_one_at_a_time_and_few_may_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode, under_way, most = images.decode, 0, 0

    def slowly(encoded: bytes, *, limits: images.Limits) -> images.Decoded:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        time.sleep(0.1)
        under_way -= 1
        return decode(encoded, limits=limits)

    monkeypatch.setattr(images, "decode", slowly)
    lookout = Lookout(Absent("none at hand"), Silent(), max_waiting=8)
    servicer = DetectorServicer(lookout, limits=images.Limits(), max_waiting=2)
    request = pb.AnalyzeRequest(image=images.encode_jpeg(Image.new("RGB", (8, 8))))
    async with lookout.running(), servicer.running():
        calls = (servicer.Analyze(request, None) for _ in range(8))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert most == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, errors.Overloaded)]
    answered = [outcome for outcome in outcomes if isinstance(outcome, pb.AnalyzeResponse)]
    assert refused
    assert len(answered) >= 2
    assert len(refused) + len(answered) == 8
