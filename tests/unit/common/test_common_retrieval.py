"""Figures of retrieval: by hand, by their definitions, and where answers end early."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import retrieval
from common.retrieval import Found


def found(flags: Sequence[bool], *, missed: int = 0) -> Found:
    return Found(np.array(flags, dtype=bool), sum(flags) + missed)


def test_gain_of_a_worked_example() -> None:
    # Relevant at ranks 1, 3 and 6 of 6: 1/log2(2) + 1/log2(4) + 1/log2(7), best 1 + 0.6309 + 0.5.
    right = found([True, False, True, False, False, True])
    assert retrieval.gain(right) == pytest.approx((1 + 0.5 + 0.356207) / (1 + 0.630930 + 0.5))


def test_gain_is_one_for_the_best_order_and_nothing_counts_below_rank_ten() -> None:
    assert retrieval.gain(found([True, True, False])) == pytest.approx(1)
    assert retrieval.gain(found([True] * 12)) == pytest.approx(1)
    assert retrieval.gain(found([False] * 10 + [True])) == 0


def test_what_was_not_found_lowers_recall_precision_and_gain() -> None:
    figures = retrieval.means([found([True, False], missed=1)])
    assert figures.recalls == (0.5, 0.5, 0.5)
    assert figures.precision == pytest.approx(1 / 2)
    assert figures.gains == pytest.approx(1 / (1 + 1 / math.log2(3)))


def test_an_answer_without_photos_earns_nothing() -> None:
    figures = retrieval.means([found([], missed=3)])
    assert figures == retrieval.Figures((0.0, 0.0, 0.0), 0.0, 0.0, 0.0)


answers = st.tuples(st.lists(st.booleans(), max_size=30), st.integers(0, 15)).filter(
    lambda drawn: sum(drawn[0]) + drawn[1] > 0
)


@given(st.lists(answers, min_size=1, max_size=5))
def test_figures_are_those_of_their_definitions(drawn: list[tuple[list[bool], int]]) -> None:
    figures = retrieval.means([found(flags, missed=missed) for flags, missed in drawn])
    each = [definition(flags, sum(flags) + missed) for flags, missed in drawn]
    expected = [math.fsum(values) / len(each) for values in zip(*each, strict=True)]
    assert [*figures.recalls, figures.precision, figures.hits, figures.gains] == pytest.approx(
        expected
    )


def definition(flags: Sequence[bool], wanted: int) -> list[float]:
    """Return R@1, R@5, R@10, average precision, hit@5 and nDCG@10, counted one by one."""
    ranks = [place + 1 for place, right in enumerate(flags) if right]
    recalls = [sum(rank <= most for rank in ranks) / wanted for most in (1, 5, 10)]
    precision = sum((n + 1) / rank for n, rank in enumerate(ranks)) / wanted
    hit = float(any(rank <= 5 for rank in ranks))
    gained = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= 10)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(wanted, 10) + 1))
    return [*recalls, precision, hit, gained / best]
