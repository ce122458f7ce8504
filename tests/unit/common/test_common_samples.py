"""The words of the house agree with the protos, and ids are stable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import codec, errors, samples
from common.calibration import Pair
from common.samples import Box, Kind, PhotoFacts, Reason, Sample, Stage, StageRecord, Taken
from semapix.v1 import gateway_pb2
from semapix.v1 import types_pb2 as pb

PHOTO_ID = samples.photo_id(b"a photo")
BOXES = st.builds(
    lambda x, y, w, h: Box(x, y, w * (1 - x), h * (1 - y)),
    st.floats(0, 0.875, width=32),
    st.floats(0, 0.875, width=32),
    st.floats(0.125, 1, width=32),
    st.floats(0.125, 1, width=32),
)

PLACES = st.one_of(st.just((None, None)), st.tuples(st.floats(-90, 90), st.floats(-180, 180)))
TAKEN = st.builds(
    lambda at_s, offset_min, make, place: Taken(at_s, offset_min, make, "EOS", *place),
    st.none() | st.integers(-(2**35), 2**37),
    st.none() | st.integers(-900, 900),
    st.text(max_size=100),
    PLACES,
)


def test_numbers_are_those_of_the_protos() -> None:
    assert {k.name: int(k) for k in Kind} == {
        name.removeprefix("KIND_"): n for name, n in pb.Kind.items() if n
    }
    assert {s.name: int(s) for s in Stage} == {
        name.removeprefix("STAGE_"): n for name, n in pb.Stage.items() if n
    }
    assert {p.name: int(p) for p in Pair} == {
        name.removeprefix("MODALITY_PAIR_"): n for name, n in pb.ModalityPair.items() if n
    }
    assert {r.name: int(r) for r in Reason if r} == {
        name.removeprefix("REJECT_REASON_"): n for name, n in gateway_pb2.RejectReason.items() if n
    }


def test_each_kind_belongs_to_one_stage() -> None:
    assert samples.stage_of(Kind.PHOTO) is Stage.WHOLE
    assert samples.stage_of(Kind.TEXT) is Stage.OCR
    assert {samples.stage_of(kind) for kind in samples.OBJECT_KINDS} == {Stage.DETECT}


@given(BOXES, st.sampled_from(list(Kind)), st.text(max_size=20), st.floats(0, 1, width=32))
def test_sample_survives_the_wire(box: Box, kind: Kind, text: str, confidence: float) -> None:
    sample_id = samples.sample_id(PHOTO_ID, kind, box, text)
    sample = Sample(sample_id, PHOTO_ID, kind, "dog", box, confidence, text)
    back = codec.sample_from(pb.Sample.FromString(codec.sample_to(sample).SerializeToString()))
    assert back.sample_id == sample_id
    assert (back.kind, back.text, back.confidence) == (kind, text, confidence)
    assert abs(back.box.area - box.area) < 1e-5


def test_facts_and_stages_survive_the_wire() -> None:
    facts = PhotoFacts(PHOTO_ID, 40, 30, 1234, "JPEG", ("a.jpg", "b.jpg"), 7)
    record = StageRecord(Stage.OCR, "easyocr", "damaged")
    assert codec.facts_from(codec.facts_to(facts)) == facts
    assert codec.stage_record_from(codec.stage_record_to(record)) == record


@given(TAKEN, st.sampled_from(["", "0123456789abcdef"]))
def test_what_a_file_tells_of_its_taking_survives_the_wire(
    taken: Taken, perceptual_hash: str
) -> None:
    facts = PhotoFacts(
        *(PHOTO_ID, 40, 30, 1234, "JPEG"),
        taken=taken,
        perceptual_hash=perceptual_hash,
        pixel_hash=2 * perceptual_hash,
        sharpness=12.5,
    )
    sent = pb.PhotoFacts.FromString(codec.facts_to(facts).SerializeToString())
    assert codec.facts_from(sent) == facts


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("taken.latitude", pb.PhotoFacts(taken=pb.Taken(latitude=90.5, longitude=1))),
        ("taken.longitude", pb.PhotoFacts(taken=pb.Taken(latitude=9, longitude=-181))),
        ("taken.latitude", pb.PhotoFacts(taken=pb.Taken(latitude=float("nan"), longitude=1))),
        ("taken", pb.PhotoFacts(taken=pb.Taken(latitude=9))),
        ("taken.at_s", pb.PhotoFacts(taken=pb.Taken(at_s=2**40))),
        ("taken.offset_min", pb.PhotoFacts(taken=pb.Taken(offset_min=901))),
        ("perceptual_hash", pb.PhotoFacts(perceptual_hash="ABC")),
        ("pixel_hash", pb.PhotoFacts(pixel_hash="0" * 31)),
        ("sharpness", pb.PhotoFacts(sharpness=-1)),
        ("sharpness", pb.PhotoFacts(sharpness=float("nan"))),
    ],
)
def test_a_place_off_the_earth_and_a_wrong_hash_are_named(
    field: str, message: pb.PhotoFacts
) -> None:
    message.photo_id, message.width, message.height = PHOTO_ID, 4, 3
    with pytest.raises(errors.InvalidInput) as caught:
        codec.facts_from(message)
    assert caught.value.field == f"facts.{field}"


def test_ids_differ_where_samples_differ() -> None:
    whole = samples.sample_id(PHOTO_ID, Kind.PHOTO, samples.WHOLE_PHOTO)
    assert whole == samples.sample_id(PHOTO_ID, Kind.PHOTO, samples.WHOLE_PHOTO)
    others = {
        samples.sample_id(PHOTO_ID, Kind.TEXT, samples.WHOLE_PHOTO, "exit"),
        samples.sample_id(PHOTO_ID, Kind.TEXT, samples.WHOLE_PHOTO, "entry"),
        samples.sample_id(PHOTO_ID, Kind.PERSON, Box(0, 0, 1, 0.5)),
    }
    assert len(others | {whole}) == 4


@pytest.mark.parametrize(
    "box",
    [Box(-0.1, 0, 1, 1), Box(0, 0, 0, 1), Box(0.5, 0, 0.6, 1), Box(0, float("nan"), 1, 1)],
)
def test_box_outside_the_photo_is_refused(box: Box) -> None:
    with pytest.raises(errors.InvalidInput, match=r"regions\[2\]"):
        box.checked("regions[2]")


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_bad_weight_is_named(weight: float) -> None:
    with pytest.raises(errors.InvalidInput, match=r"weights\[0\]\.weight"):
        codec.weights_from([pb.KindWeight(kind=pb.KIND_TEXT, weight=weight)])


def test_unknown_kind_and_id_are_named() -> None:
    with pytest.raises(errors.InvalidInput, match="kind: 99"):
        codec.kind_from(99)
    with pytest.raises(errors.InvalidInput, match="photo_id"):
        codec.checked_photo_id("../../etc/passwd")
