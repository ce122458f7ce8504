"""Automatic thresholds: what is unrelated stays out, whatever it scores; what stands out stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.samples import Kind
from index_service import backgrounds
from index_service.brute import BruteIndex
from index_service.vector_index import Doubles, Rows


def scores(centre: float, spread: float, count: int, seed: int = 0) -> Doubles:
    """Return scores whose log odds are normal."""
    odds = np.random.default_rng(seed).normal(centre, spread, count)
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


@pytest.mark.parametrize("centre", [-1.0, 0.0, 1.0])
def test_few_unrelated_samples_pass_even_where_they_score_high(centre: float) -> None:
    every = scores(centre, 0.5, 10_000)
    cut = backgrounds.cut(every[:512], len(every))
    assert cut.background == 512
    assert np.count_nonzero(every >= cut.score) <= 20


def test_matches_in_the_background_hardly_move_the_threshold() -> None:
    unrelated = scores(-0.5, 0.5, 400)
    related = scores(2.5, 0.5, 100, seed=1)
    alone = backgrounds.cut(unrelated, 1_000).score
    mixed = backgrounds.cut(np.concatenate((unrelated, related)), 1_000).score
    assert mixed == pytest.approx(alone, abs=0.1)
    assert np.mean(related >= mixed) > 0.9


def test_threshold_lies_between_a_half_and_a_sure_match() -> None:
    assert backgrounds.cut(scores(-9, 1, 200), 200).score == backgrounds.LEAST
    assert backgrounds.cut(scores(6, 1, 200), 200).score == backgrounds.MOST


def test_what_a_text_may_score_at_most_moves_the_threshold_along() -> None:
    unrelated = scores(0, 0.6, 400)
    whole = backgrounds.cut(unrelated, 1_000)
    part = backgrounds.cut(0.7 * unrelated, 1_000, most=0.7)
    assert whole.score > 0.8
    assert part.score == pytest.approx(0.7 * whole.score)
    for most in (0.4, 0.0):
        assert backgrounds.cut(most * unrelated, 1_000, most=most) == backgrounds.Cut(0.5, 400)


def test_tiny_library_gets_a_half() -> None:
    few = scores(0, 1, backgrounds.FEWEST - 1)
    assert backgrounds.cut(few, len(few)) == backgrounds.Cut(0.5, 0)


def test_kind_with_too_few_samples_borrows_from_all_pictures() -> None:
    own = {Kind.PHOTO: scores(0, 1, 40), Kind.PERSON: scores(0, 1, 3), Kind.TEXT: scores(0, 1, 3)}
    lent = backgrounds.lent(own)
    assert {kind: len(found) for kind, found in lent.items()} == {
        Kind.PHOTO: 40,
        Kind.PERSON: 43,
        Kind.TEXT: 3,
    }


def test_equal_and_extreme_scores_make_a_threshold_too() -> None:
    for value in (0.0, 0.5, 1.0):
        assert 0.5 <= backgrounds.cut(np.full(100, value), 100).score <= 0.95


def test_larger_libraries_ask_for_more() -> None:
    found = [backgrounds.spreads(samples) for samples in (0, 1, 3, 100, 10_000, 10**9)]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (2.0, 4.0)


@given(st.sets(st.integers(1, 10**6), min_size=1, max_size=200), st.integers(1, 50))
def test_background_is_a_part_that_hardly_changes_with_the_library(
    numbers: set[int], size: int
) -> None:
    every = np.array(sorted(numbers), np.int64)
    drawn = set(backgrounds.drawn(every, size).tolist())
    assert drawn <= numbers
    assert len(drawn) == min(size, len(numbers))
    more = np.array(sorted(numbers | {10**6 + 1}), np.int64)
    assert len(drawn - set(backgrounds.drawn(more, size).tolist())) <= 1


def test_background_is_spread_over_the_whole_library() -> None:
    drawn = backgrounds.drawn(np.arange(1, 100_001), 512)
    counts, _ = np.histogram(drawn, 4, (0, 100_000))
    assert counts.min() > 90


def rows(first: int, count: int) -> Rows:
    numbers = np.arange(first, first + count)
    return Rows(numbers, numbers, np.ones(count, np.float32), np.zeros((count, 2), np.float32))


@given(st.lists(st.tuples(st.integers(0, 300), st.floats(0, 0.5)), max_size=6), st.integers(0, 9))
def test_background_that_follows_changes_is_the_one_drawn_of_all(
    changes: list[tuple[int, float]], seed: int
) -> None:
    rng, kept = np.random.default_rng(seed), backgrounds.Backgrounds()
    index, first = BruteIndex.empty(2).changed(rows(1, 700), ()), 701
    for added, share in changes:
        here = index.live_numbers()
        gone = here[rng.random(len(here)) < share * (share > 0.25)]
        index = index.changed(rows(first, added), gone.tolist())
        index = index.packed() if index.is_sparse else index
        first += added
        found = kept.of(Kind.PHOTO, index)
        assert found.tolist() == backgrounds.drawn(index.live_numbers()).tolist()
