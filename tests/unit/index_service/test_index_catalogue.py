"""What a put and a deletion do to the catalogue, and what they refuse."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import errors
from common.samples import Entry, Kind, Stage, StageRecord, Taken
from index_service import disk, reading
from index_service.catalogue import Catalogue
from index_service.changes import Delete, Outcome, Put, VectorSample
from tests.unit.index_service import index_values as values


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with contextlib.closing(Catalogue(tmp_path)) as opened:
        yield opened


@pytest.fixture
def readers(tmp_path: Path, catalogue: Catalogue) -> Iterator[disk.Readers]:
    with contextlib.closing(disk.Readers(tmp_path)) as opened:
        yield opened


def entry(readers: disk.Readers, number: int) -> Entry:
    photo_id = values.photo_id(number)
    with readers.reading() as connection:
        return reading.entries(connection, [photo_id], with_samples=True)[photo_id]


def applied(catalogue: Catalogue, *changes: Put | Delete) -> list[Outcome]:
    return catalogue.apply(changes)[0]


def refused(catalogue: Catalogue, change: Put | Delete) -> errors.SemapixError:
    (outcome,) = applied(catalogue, change)
    assert outcome.error is not None
    return outcome.error


def test_photo_comes_back_as_it_was_put(catalogue: Catalogue, readers: disk.Readers) -> None:
    items = [*values.texts(1, 2), VectorSample(values.sample(1, Kind.PHOTO), values.unit(1))]
    items.append(VectorSample(values.sample(1, Kind.PERSON, 3, confidence=0.5), values.unit(2)))
    photo = dataclasses.replace(
        values.facts(1, source="C:/a.jpg"),
        taken=Taken(1_500_000_000, -90, "Canon", "EOS 5D", -33.85, 151.2),
        perceptual_hash="0123456789abcdef",
        pixel_hash="0123456789abcdef0123456789abcdef",
        sharpness=12.5,
    )
    (outcome,) = applied(catalogue, values.put(1, items, photo=photo))
    found = entry(readers, 1)
    assert outcome == Outcome(revision=1, created=True)
    assert found.facts == photo
    assert [s.kind for s in found.samples] == [Kind.PHOTO, Kind.PERSON, Kind.TEXT, Kind.TEXT]
    assert set(found.samples) == {item.sample for item in items}
    assert [record.stage for record in found.stages] == list(Stage)


def test_more_confident_samples_come_first(catalogue: Catalogue, readers: disk.Readers) -> None:
    shares = (0.25, 1.0, 0.5)
    people = [values.sample(1, Kind.PERSON, n, confidence=c) for n, c in enumerate(shares)]
    items = [VectorSample(person, values.unit(n)) for n, person in enumerate(people)]
    applied(catalogue, values.put(1, items))
    assert [s.confidence for s in entry(readers, 1).samples] == [1.0, 0.5, 0.25]


def test_known_photo_keeps_its_facts_and_gains_sources(
    catalogue: Catalogue, readers: disk.Readers
) -> None:
    first = values.facts(1, source="a")
    other = dataclasses.replace(first, width=7, sources=("b", "a"), imported_at_s=99)
    outcomes = applied(catalogue, values.put(1, photo=first), values.put(1, photo=other))
    assert [outcome.created for outcome in outcomes] == [True, False]
    assert entry(readers, 1).facts == dataclasses.replace(first, sources=("a", "b"))


def test_known_photo_gains_a_source_without_a_stage(
    catalogue: Catalogue, readers: disk.Readers
) -> None:
    first = values.facts(1, source="a")
    applied(catalogue, values.put(1, photo=first))
    known = entry(readers, 1)
    again = dataclasses.replace(first, sources=("b",))
    (outcome,) = applied(catalogue, values.put(1, [], stages=[], photo=again, fingerprint=""))
    now = entry(readers, 1)
    assert (outcome.error, outcome.created) == (None, False)
    assert now.facts.sources == ("a", "b")
    assert (now.samples, now.stages) == (known.samples, known.stages)


def test_a_photo_of_thousands_of_places_keeps_the_first_hundred(
    catalogue: Catalogue, readers: disk.Readers
) -> None:
    for start in (0, 60, 120):
        sources = tuple(f"{number}.jpg" for number in range(start, start + 60))
        photo = dataclasses.replace(values.facts(1), sources=sources)
        applied(catalogue, values.put(1, photo=photo))
    assert entry(readers, 1).facts.sources == tuple(f"{n}.jpg" for n in range(100))


def test_stage_put_again_replaces_its_samples_alone(
    catalogue: Catalogue, readers: disk.Readers
) -> None:
    applied(catalogue, values.put(1))
    ocr = [StageRecord(Stage.OCR, "reader")]
    old, new = values.texts(1, 3), values.texts(1, 2, first=2)
    applied(catalogue, values.put(1, old, stages=ocr), values.put(1, new, stages=ocr))
    found = entry(readers, 1).samples
    assert [s.text for s in found if s.kind is Kind.TEXT] == ["word 2", "word 3"]
    assert Kind.PHOTO in {s.kind for s in found}


def test_failed_stage_keeps_its_reason(catalogue: Catalogue, readers: disk.Readers) -> None:
    applied(catalogue, values.put(1))
    failed = StageRecord(Stage.DETECT, "yolox", "out of memory")
    applied(catalogue, values.put(1, [], stages=[failed]))
    assert failed in entry(readers, 1).stages


def test_deleted_photo_leaves_no_row(catalogue: Catalogue, readers: disk.Readers) -> None:
    applied(catalogue, values.put(1, values.texts(1, 3), photo=values.facts(1, source="a")))
    (outcome,) = applied(catalogue, Delete(values.photo_id(1)))
    assert outcome.revision == 2
    with readers.reading() as connection:
        for table in ("photos", "samples", "vectors", "sources", "stages"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def test_deleting_an_unknown_photo_is_not_found(catalogue: Catalogue) -> None:
    assert isinstance(refused(catalogue, Delete(values.photo_id(1))), errors.NotFound)


def test_bad_photo_does_not_hinder_the_others(catalogue: Catalogue, readers: disk.Readers) -> None:
    bad = values.put(2, values.texts(2, 1), stages=[StageRecord(Stage.OCR, "reader")])
    outcomes, effects, meta = catalogue.apply([values.put(1), bad, values.put(3)])
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert [outcome.revision for outcome in outcomes] == [1, 1, 2]
    assert meta.revision == 2
    assert len(effects.added) == 2
    with readers.reading() as connection:
        assert set(reading.photo_names(connection).values()) == {
            values.photo_id(1),
            values.photo_id(3),
        }


def test_half_written_photo_is_taken_back(catalogue: Catalogue, readers: disk.Readers) -> None:
    """The second sample of photo 2 has the id of one of photo 1; the first is undone with it."""
    taken = values.sample(1, Kind.PHOTO)
    applied(catalogue, values.put(1))
    thief = dataclasses.replace(taken, photo_id=values.photo_id(2), kind=Kind.TEXT)
    items = [
        VectorSample(values.sample(2, Kind.PHOTO), values.unit(2)),
        VectorSample(thief, values.unit(3)),
    ]
    error = refused(catalogue, values.put(2, items))
    assert isinstance(error, errors.InvalidInput)
    assert error.field == "photo.samples[1].sample.sample_id"
    with readers.reading() as connection:
        assert reading.vector_count(connection, list(Kind)) == 1
        assert list(reading.photo_names(connection).values()) == [values.photo_id(1)]


def test_first_vector_fixes_the_fingerprint(catalogue: Catalogue) -> None:
    applied(catalogue, values.put(1))
    error = refused(catalogue, values.put(2, fingerprint="model-2"))
    assert isinstance(error, errors.Mismatch)
    assert "model-2" in str(error)
    assert "model-1" in str(error)


def test_photo_without_vectors_fixes_nothing(catalogue: Catalogue) -> None:
    failed = [StageRecord(Stage.WHOLE, "model", "no memory")]
    _, _, meta = catalogue.apply([values.put(1, [], stages=failed, fingerprint="model-2")])
    assert (meta.fingerprint, meta.dimension) == ("", 0)
    _, _, meta = catalogue.apply([values.put(2)])
    assert (meta.fingerprint, meta.dimension) == (values.FINGERPRINT, values.DIMENSION)


WHOLE = StageRecord(Stage.WHOLE, "model")
PHOTO = VectorSample(values.sample(1, Kind.PHOTO), values.unit(1))
BAD = {
    "photo.stages": [
        values.put(1, [], stages=[]),
        values.put(1, [PHOTO], stages=[WHOLE, WHOLE]),
        values.put(1, [], stages=[StageRecord(Stage.OCR, "reader")]),
    ],
    "fingerprint": [values.put(1, fingerprint="")],
    "photo.samples[0].sample.photo_id": [dataclasses.replace(values.put(1), facts=values.facts(2))],
    "photo.samples[1].sample.kind": [
        values.put(1, [PHOTO, *values.texts(1, 1)], stages=[WHOLE]),
    ],
    "photo.samples[1].sample.sample_id": [values.put(1, [PHOTO, PHOTO])],
    "photo.samples[1].vector": [
        values.put(1, [PHOTO, VectorSample(values.sample(1, Kind.PERSON), values.unit(1, 8))]),
    ],
}


@pytest.mark.parametrize(
    ("field", "change"), [(field, change) for field, own in BAD.items() for change in own]
)
def test_bad_put_names_its_field(catalogue: Catalogue, field: str, change: Put) -> None:
    error = refused(catalogue, change)
    assert isinstance(error, errors.InvalidInput)
    assert error.field == field


def test_wrong_dimension_is_refused_once_one_is_fixed(catalogue: Catalogue) -> None:
    applied(catalogue, values.put(1))
    item = VectorSample(values.sample(2, Kind.PHOTO), values.unit(2, 8))
    error = refused(catalogue, values.put(2, [item]))
    assert isinstance(error, errors.InvalidInput)
    assert error.field == "photo.samples[0].vector"
    assert "8 dimensions" in str(error)


def test_vectors_stream_in_the_order_of_sample_ids(
    catalogue: Catalogue, readers: disk.Readers
) -> None:
    applied(catalogue, *(values.put(n, values.texts(n, 3)) for n in range(5)))
    with readers.reading() as connection:
        chunks = list(reading.vector_samples(connection, [Kind.TEXT], chunk=4))
    found = [item for chunk in chunks for item in chunk]
    assert [len(chunk) for chunk in chunks] == [4, 4, 4, 3]
    assert [item.sample.sample_id for item in found] == sorted(i.sample.sample_id for i in found)
    expected = {i.sample.sample_id: i.vector.tolist() for n in range(5) for i in values.texts(n, 3)}
    assert {i.sample.sample_id: i.vector.tolist() for i in found} == expected
