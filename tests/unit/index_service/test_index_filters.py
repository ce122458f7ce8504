"""Filters let through the photos that a plain look at each lets through."""

import dataclasses
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.samples import Box, Kind, Sample, Taken, sample_id
from index_service import disk, filters, read_texts
from index_service.catalogue import Catalogue
from index_service.changes import Delete, VectorSample
from index_service.filters import Filter, Orientation, Span
from index_service.read_texts import ReadText
from tests.unit.index_service import index_values as values

TEXTS = ("Grand Beach Hotel", "EXIT", 'say "cheese" OR die', "Straße 12", "no")


def found_in(photo: int, kind: Kind, *, label: str = "", text: str = "") -> VectorSample:
    box = Box(0.0, 0.0, 0.5, 0.5)
    own_id = sample_id(values.photo_id(photo), kind, box, text + label)
    sample = Sample(own_id, values.photo_id(photo), kind, label, box, 0.9, text)
    return VectorSample(sample, values.unit(photo))


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Five photos: shapes, formats, times, cameras, a label and a text each."""
    catalogue = Catalogue(tmp_path)
    shapes = ((40, 30), (30, 40), (30, 30), (4000, 30), (40, 30))
    cameras = (
        ("Canon", "EOS 5D"),
        ("", ""),
        ("NIKON CORPORATION", "D90"),
        ("", "Pixel 6"),
        ("",) * 2,
    )
    for photo, (width, height) in enumerate(shapes):
        taken = Taken(1_000 * photo, 60 if photo == 1 else None, *cameras[photo])
        facts = dataclasses.replace(
            values.facts(photo),
            width=width,
            height=height,
            format=("JPEG", "PNG")[photo % 2],
            taken=taken if photo < 4 else Taken(),
        )
        items = [
            VectorSample(values.sample(photo, Kind.PHOTO), values.unit(photo)),
            found_in(photo, Kind.ANIMAL, label=("dog", "cat")[photo % 2]),
            found_in(photo, Kind.TEXT, text=TEXTS[photo]),
        ]
        catalogue.apply([values.put(photo, items, photo=facts)])
    yield catalogue
    catalogue.close()


@pytest.fixture
def connection(catalogue: Catalogue, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with disk.Readers(tmp_path).reading() as connection:
        yield connection


def photos(connection: sqlite3.Connection, wanted: Filter) -> set[int]:
    numbers = filters.passed(connection, wanted).photos.tolist()
    assert numbers == sorted(numbers)
    return {number - 1 for number in numbers}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), {0, 1, 2, 3, 4}),
        (Filter(kinds=frozenset({Kind.PERSON})), set()),
        (Filter(kinds=frozenset({Kind.ANIMAL})), {0, 1, 2, 3, 4}),
        (Filter(labels=("DOG", "zebra")), {0, 2, 4}),
        (Filter(formats=("png",)), {1, 3}),
        (Filter(cameras=("canon", "pixel")), {0, 3}),
        (Filter(cameras=("nikon corporation d9",)), {2}),
        (Filter(orientation=Orientation.PORTRAIT), {1}),
        (Filter(orientation=Orientation.SQUARE), {2}),
        (Filter(orientation=Orientation.LANDSCAPE), {0, 3, 4}),
        (Filter(min_long_side_px=41), {3}),
        (Filter(taken=Span(1_000, 3_000)), {2}),
        (Filter(taken=Span(4_600, 4_601)), {1}),
        (Filter(taken=Span(until_s=1)), {0}),
        (Filter(imported=Span(from_s=3)), {3, 4}),
        (Filter(labels=("dog",), formats=("jpeg",), imported=Span(from_s=1)), {2, 4}),
        (Filter(labels=("dog",), read_text=ReadText("exit")), set()),
    ],
)
def test_photos_pass_that_satisfy_everything(
    connection: sqlite3.Connection, wanted: Filter, expected: set[int]
) -> None:
    assert photos(connection, wanted) == expected


@pytest.mark.parametrize(
    ("text", "fuzzy", "expected"),
    [
        ("beach", False, {0}),
        ("D BEACH  h", False, {0}),
        ("bcach", False, set()),
        ("bcach", True, {0}),
        ("grand beech hotl", True, {0}),
        ("exlt", True, {1}),
        ("ex", False, {1}),
        ("no", True, {4}),
        ('"cheese" or', False, {2}),
        ("STRASSE", False, set()),
        ("straße", False, {3}),
        ("zzzzzzzz", True, set()),
        ("* NEAR(", False, set()),
    ],
)
def test_read_texts_are_found_by_their_letters(
    connection: sqlite3.Connection, text: str, fuzzy: bool, expected: set[int]
) -> None:
    assert photos(connection, Filter(read_text=ReadText(text, fuzzy))) == expected


def test_nearer_texts_score_higher(connection: sqlite3.Connection) -> None:
    (right,) = read_texts.found(connection, ReadText("beach hotel", fuzzy=True))
    (wrong,) = read_texts.found(connection, ReadText("beach hotol", fuzzy=True))
    assert (right.score, wrong.score) == (1.0, pytest.approx(10 / 11))


def test_texts_of_removed_photos_are_not_found(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.apply([Delete(values.photo_id(0))])
    catalogue.apply([values.put(1, [found_in(1, Kind.TEXT, text="new words")])])
    with disk.Readers(tmp_path).reading() as connection:
        found = {text: read_texts.found(connection, ReadText(text)) for text in ("beach", "exit")}
        (new,) = read_texts.found(connection, ReadText("new word"))
        match = "SELECT COUNT(*) FROM read_texts WHERE read_texts MATCH 'beach OR exit'"
        assert connection.execute(match).fetchone() == (0,)
    assert found == {"beach": [], "exit": []}
    assert new.photo == 2
