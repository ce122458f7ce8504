"""A search that wants raw cosines leaves the encoder's calibration out."""

from common.calibration import Pair
from common.samples import Kind
from gateway import ranking_codec
from gateway.questions import QueryVector, Ranked, VectorQuery
from gateway.services import Calibration, Encoder

OWN = (Calibration(int(Pair.TEXT_IMAGE), 40.0, -10.0),)
ENCODER = Encoder("model", "print", 1, 1, 1, 1_000, OWN)
QUERY = VectorQuery((QueryVector(b"\0" * 8, True, 1.0),), ENCODER)


def slopes(*, raw: bool) -> dict[int, tuple[float, float]]:
    ranked = Ranked({Kind.PHOTO: 1.0}, 10, raw=raw)
    message = ranking_codec.request_to(QUERY, ranked)
    return {int(one.pair): (one.slope, one.offset) for one in message.calibrations}


def test_raw_order_treats_all_pairs_alike() -> None:
    assert slopes(raw=True) == {int(pair): (1.0, 0.0) for pair in Pair}


def test_calibration_of_the_encoder_goes_along_otherwise() -> None:
    assert slopes(raw=False) == {int(Pair.TEXT_IMAGE): (40.0, -10.0)}
