"""Pages of photos, and the counts."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import errors
from common.samples import Kind, Stage, StageRecord
from index_service import disk, listing
from index_service.catalogue import Catalogue
from index_service.changes import Delete
from index_service.listing import Listing, Page
from tests.unit.index_service import index_values as values

TIMES = (5, 3, 5, 0, 9, 5, 3)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Seven photos; those of even numbers have been read."""
    with contextlib.closing(Catalogue(tmp_path)) as opened:
        for number, time_s in enumerate(TIMES):
            photo = values.facts(number, imported_at_s=time_s)
            opened.apply([values.put(number, photo=photo)])
            if number % 2 == 0:
                error = "no memory" if number == 4 else ""
                opened.apply([values.put(number, [], stages=[StageRecord(Stage.OCR, "r", error)])])
        yield opened


@pytest.fixture
def readers(tmp_path: Path, catalogue: Catalogue) -> Iterator[disk.Readers]:
    with contextlib.closing(disk.Readers(tmp_path)) as opened:
        yield opened


def page(readers: disk.Readers, wanted: Listing) -> Page:
    with readers.reading() as connection:
        return listing.page(connection, wanted)


def walked(readers: disk.Readers, *, size: int, stage: Stage | None, oldest: bool) -> list[str]:
    found, token = [], ""
    while True:
        one = page(readers, Listing(size, token, stage, oldest))
        found += [entry.facts.photo_id for entry in one.entries]
        assert len(one.entries) <= size
        token = one.next_token
        if not token:
            return found


def expected(numbers: range, *, oldest: bool) -> list[str]:
    keys = sorted(((TIMES[n], values.photo_id(n)) for n in numbers), reverse=not oldest)
    return [photo_id for _, photo_id in keys]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("oldest", [False, True])
def test_pages_bring_every_photo_once_in_order(
    readers: disk.Readers, size: int, oldest: bool
) -> None:
    found = walked(readers, size=size, stage=None, oldest=oldest)
    assert found == expected(range(len(TIMES)), oldest=oldest)


@pytest.mark.parametrize("oldest", [False, True])
def test_a_jump_leaves_out_so_many_photos_of_the_order(readers: disk.Readers, oldest: bool) -> None:
    order = expected(range(len(TIMES)), oldest=oldest)
    first = page(readers, Listing(2, oldest_first=oldest))
    for skip in range(len(TIMES) + 2):
        wanted = Listing(3, first.next_token, oldest_first=oldest, skip=skip)
        found = [entry.facts.photo_id for entry in page(readers, wanted).entries]
        assert found == order[2 + skip : 5 + skip]


def test_missing_stage_leaves_those_that_lack_it(readers: disk.Readers) -> None:
    found = walked(readers, size=2, stage=Stage.OCR, oldest=False)
    assert found == expected(range(1, 7, 2), oldest=False)
    assert page(readers, Listing(1, stage=Stage.OCR)).total == 3
    assert page(readers, Listing(1)).total == len(TIMES)


def test_token_outlives_changes_of_the_library(readers: disk.Readers, catalogue: Catalogue) -> None:
    first = page(readers, Listing(3))
    for entry in first.entries:
        catalogue.apply([Delete(entry.facts.photo_id)])
    rest = page(readers, Listing(100, first.next_token))
    order = expected(range(len(TIMES)), oldest=False)
    assert [entry.facts.photo_id for entry in rest.entries] == order[3:]


# A token of the right form whose time is more than SQLite counts to.
HUGE = base64.b64encode(b"00 " + b"9" * 30 + b" " + b"0" * 64).decode()


@pytest.mark.parametrize("token", ["x", "!!", "MDA=", "MDAgMSBhYmM=", HUGE])
def test_foreign_token_is_refused(readers: disk.Readers, token: str) -> None:
    with pytest.raises(errors.InvalidInput, match="page_token"):
        page(readers, Listing(3, token))


def test_token_of_another_order_is_refused(readers: disk.Readers) -> None:
    token = page(readers, Listing(3)).next_token
    with pytest.raises(errors.InvalidInput, match="another order"):
        page(readers, Listing(3, token, oldest_first=True))


def test_stats_count_what_is_missing_and_what_failed(readers: disk.Readers) -> None:
    with readers.reading() as connection:
        stats = listing.stats(connection)
    assert stats.photos == 7
    assert {kind: count for kind, count in stats.samples.items() if count} == {Kind.PHOTO: 7}
    assert stats.missing == {Stage.WHOLE: 0, Stage.DETECT: 7, Stage.OCR: 3}
    assert stats.failed == {Stage.WHOLE: 0, Stage.DETECT: 0, Stage.OCR: 1}
    assert (stats.meta.fingerprint, stats.meta.revision) == (values.FINGERPRINT, 11)
