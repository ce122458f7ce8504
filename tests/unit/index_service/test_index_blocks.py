"""Vectors in blocks against one plain array, and packing while changes go on."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.vectors import Floats
from index_service import blocks
from index_service.blocks import Blocks
from index_service.brute import BruteIndex
from index_service.vector_index import Rows

DIMENSION, SIZE = 3, 8


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "SIZE", SIZE)
        yield


def vectors(count: int, *, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal((count, DIMENSION), dtype=np.float32)


def appended(sizes: list[int]) -> tuple[Blocks, Floats]:
    """Return blocks of so many rows, appended in parts, and the same as an array."""
    found, every = Blocks(DIMENSION), vectors(sum(sizes))
    at = 0
    for size in sizes:
        found.append(every[at : at + size])
        at += size
    return found, every


parts = st.lists(st.integers(0, 20), max_size=6)


@given(parts, st.data())
def test_rows_come_out_as_they_went_in(sizes: list[int], data: st.DataObject) -> None:
    found, every = appended(sizes)
    places = np.array(data.draw(st.lists(st.integers(0, max(len(every) - 1, 0)))), np.intp)
    places = places[places < len(every)]
    start = data.draw(st.integers(0, len(every)))
    stop = data.draw(st.integers(start, len(every)))
    query = vectors(1, seed=9)[0]
    assert found.used == len(every)
    assert np.array_equal(found.rows(places), every[places])
    assert np.array_equal(found.cosines(start, stop, query), np.vecdot(every[start:stop], query))


@given(parts, st.data())
def test_first_rows_go_on_without_touching_the_others(
    sizes: list[int], data: st.DataObject
) -> None:
    found, every = appended(sizes)
    length = data.draw(st.integers(0, len(every)))
    part, other = found.up_to(length), vectors(11, seed=5)
    part.append(other)
    wanted = np.concatenate((every[:length], other))
    assert np.array_equal(part.rows(np.arange(part.used)), wanted)
    assert np.array_equal(found.rows(np.arange(found.used)), every)


@given(parts, st.data())
def test_packed_blocks_hold_all_live_rows_and_few_others(
    sizes: list[int], data: st.DataObject
) -> None:
    found, every = appended(sizes)
    size = len(every)
    live = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_)
    packed, places = found.packed(live)
    assert {*np.flatnonzero(live).tolist()} <= {*places.tolist()}
    assert np.array_equal(places, np.unique(places))
    assert np.array_equal(packed.rows(np.arange(packed.used)), every[places])
    assert np.count_nonzero(~live[places]) <= 0.25 * len(places)
    packed.append(every[:5])
    assert np.array_equal(packed.rows(len(places) + np.arange(min(5, size))), every[:5])


def rows(first: int, count: int) -> Rows:
    numbers = np.arange(first, first + count)
    return Rows(numbers, numbers, np.ones(count, np.float32), vectors(count, seed=first))


NONE = rows(1, 0)


@given(
    st.sets(st.integers(1, 40)),
    st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(1, 60), max_size=9)), max_size=4),
)
def test_what_changes_while_an_index_is_packed_is_not_lost(
    gone: set[int], later: list[tuple[int, set[int]]]
) -> None:
    before = BruteIndex.empty(DIMENSION).changed(rows(1, 40), ()).changed(NONE, sorted(gone))
    packed = before.packed()
    now, first = before, 41
    for added, removed in later:
        now = now.changed(rows(first, added), sorted(removed))
        first += added
    both = packed.caught_up(before, now)
    assert both is not None
    query = vectors(1, seed=9)[0]
    wanted, found = now.scan(query), both.scan(query)
    assert found.numbers.tolist() == wanted.numbers.tolist()
    assert found.cosines.tolist() == wanted.cosines.tolist()


def test_an_index_read_anew_is_not_replaced_by_what_was_packed_of_the_old_one() -> None:
    before = BruteIndex.empty(DIMENSION).changed(rows(1, 40), range(1, 30))
    anew = BruteIndex.empty(DIMENSION).changed(rows(30, 11), ())
    assert before.packed().caught_up(before, anew) is None
