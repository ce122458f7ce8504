"""Ranking against an oracle: plain Python over every sample, written without the code tested."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st

from common.calibration import Calibration, Pair
from common.samples import Kind
from common.vectors import Floats, normalised
from index_service import ranking
from index_service.brute import BruteIndex
from index_service.candidates import Wish
from index_service.scoring import Part, directions
from index_service.vector_index import Neighbours, Rows, VectorIndex
from tests.unit.index_service import index_values as values

# Components that are multiples of 1/4 in 16 dimensions: every cosine is an exact multiple of 1/16,
# so ties are ties in any arithmetic.
KINDS = tuple(Kind)
WEIGHTS = (0.0, 0.5, 1.0, 1.0, 2.0)


@dataclass(frozen=True)
class Item:
    """One sample: its number, the number of its photo, a vector of signs."""

    number: int
    photo: int
    kind: Kind
    signs: tuple[int, ...]
    confidence: float


Asked = tuple[bool, tuple[int, ...], float, float]


@dataclass(frozen=True)
class Case:
    items: list[Item]
    query: list[Asked]
    wish: Mapping[str, Any]
    portion: int


signs = st.tuples(*[st.sampled_from((1, -1))] * values.DIMENSION)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    few_signs = draw(st.lists(signs, min_size=1, max_size=6))
    drawn = st.tuples(
        st.integers(1, 9),
        st.sampled_from(KINDS),
        st.sampled_from(few_signs),
        st.sampled_from((0.0, 0.25, 0.5, 1.0)),
    )
    rows = draw(st.lists(drawn, max_size=40))
    items = [Item(number + 1, *row) for number, row in enumerate(rows)]
    known = st.sampled_from((1.0, 1.0, 0.25))
    query = [(draw(st.booleans()), draw(signs), draw(st.sampled_from((1.0, -1.0))), draw(known))]
    if draw(st.booleans()):
        weight = draw(st.sampled_from((1.0, 3.0, -1.0)))
        query.append((not query[0][0], draw(signs), weight, draw(known)))
    logistic = st.builds(Calibration, st.sampled_from((0.5, 8.0)), st.sampled_from((-2.0, 0.0)))
    wish = draw(
        st.fixed_dictionaries(
            {
                "weights": st.dictionaries(st.sampled_from(KINDS), st.sampled_from(WEIGHTS)),
                "limit": st.integers(1, 6),
                "offset": st.integers(0, 4),
                "threshold": st.sampled_from((None, 0.0, 0.25, 0.5, 0.7)),
                "mean": st.booleans(),
                "use_confidence": st.booleans(),
                "calibrations": st.dictionaries(st.sampled_from(Pair), logistic),
                "excluded": st.frozensets(st.integers(1, 10), max_size=3),
            }
        )
    )
    return Case(items, query, wish, draw(st.sampled_from((1, 2, 64))))


def unit(pattern: tuple[int, ...]) -> Floats:
    return np.array(pattern, np.float32) / 4


def expected(case: Case) -> list[tuple[int, float]]:
    """Return (photo, rank) as the contract has it, photo by photo."""
    found = []
    for photo in {item.photo for item in case.items} - case.wish["excluded"]:
        seen = [i for i in case.items if i.photo == photo and weight_of(i, case) > 0]
        matched = [item for item in seen if passes(item, case)]
        if matched:
            rank = mean if case.wish["mean"] else max
            counted = seen if case.wish["mean"] else matched
            found.append((photo, rank([rank_of(item, case) for item in counted])))
    found.sort(key=lambda pair: (-round(pair[1], 12), values.photo_id(pair[0])))
    return found[case.wish["offset"] :][: case.wish["limit"]]


def weight_of(item: Item, case: Case) -> float:
    return float(case.wish["weights"].get(item.kind, 0))


def passes(item: Item, case: Case) -> bool:
    threshold = case.wish["threshold"]
    return threshold is None or score_of(item, case) >= threshold


def rank_of(item: Item, case: Case) -> float:
    share = item.confidence if case.wish["use_confidence"] else 1
    return weight_of(item, case) * score_of(item, case) * share


def mean(ranks: list[float]) -> float:
    return float(sum(Fraction(rank) for rank in ranks) / len(ranks))


def score_of(item: Item, case: Case) -> float:
    total = sum(abs(weight) for _, _, weight, _ in case.query)
    by_modality = [score_for(item, q, case) for q in sorted(case.query, reverse=True)]
    shares = [abs(weight) / total for _, _, weight, _ in sorted(case.query, reverse=True)]
    return sum(share * score for share, score in zip(shares, by_modality, strict=True))


def score_for(item: Item, part: Asked, case: Case) -> float:
    is_text, pattern, weight, understood = part
    cosine = sum(a * b for a, b in zip(item.signs, pattern, strict=True)) / 16
    if item.kind is Kind.TEXT:
        pair = Pair.TEXT_TEXT if is_text else Pair.TEXT_IMAGE
    else:
        pair = Pair.TEXT_IMAGE if is_text else Pair.IMAGE_IMAGE
    constants = case.wish["calibrations"].get(pair)
    if constants is None:
        score = min(max(cosine, 0.0), 1.0)
    else:
        score = 1 / (1 + math.exp(-(constants.slope * cosine + constants.offset)))
    score = score if weight > 0 else 1 - score
    return score * understood if is_text and item.kind is not Kind.TEXT else score


def index_of(items: list[Item]) -> BruteIndex:
    rows = Rows(
        np.array([item.number for item in items]),
        np.array([item.photo for item in items]),
        np.array([item.confidence for item in items], np.float32),
        np.array([unit(item.signs) for item in items], np.float32),
    )
    return BruteIndex.empty(values.DIMENSION).changed(rows, ())


def indices_of(case: Case) -> dict[Kind, VectorIndex]:
    by_kind = {kind: [i for i in case.items if i.kind is kind] for kind in KINDS}
    return {kind: index_of(own) for kind, own in by_kind.items() if own}


def found_by(case: Case, indices: Mapping[Kind, VectorIndex]) -> list[tuple[int, float]]:
    """Return (photo, rank) as the code tested has it."""
    query = directions([Part(unit(p), is_text, w, known) for is_text, p, w, known in case.query])
    wish = Wish(query, **case.wish)
    searches = ranking.searches_of(indices, wish)
    found = ranking.best_photos(searches, wish, values.photo_id, portion=case.portion)
    return [(item.photo, item.rank) for item in found]


@hypothesis.settings(max_examples=200)
@hypothesis.given(cases())
def test_best_photos_are_those_of_the_oracle(case: Case) -> None:
    found, wanted = found_by(case, indices_of(case)), expected(case)
    assert [photo for photo, _ in found] == [photo for photo, _ in wanted]
    assert np.allclose([r for _, r in found], [r for _, r in wanted], rtol=0, atol=1e-9)


class Counting(BruteIndex):
    """An index that remembers how much it was asked for."""

    asked = 0

    def nearest(self, query: Floats, count: int) -> Neighbours:
        self.asked = max(self.asked, count)
        return super().nearest(query, count)


def test_kind_that_cannot_reach_the_best_is_asked_for_little() -> None:
    """The weight of TEXT lets none of its samples pass a photo, and PHOTO soon falls behind."""
    rng = np.random.default_rng(0)
    vectors = normalised(rng.standard_normal((4_000, 16), dtype=np.float32))
    numbers = np.arange(4_000)
    rows = Rows(numbers, numbers, np.ones(4_000, np.float32), vectors)
    indices = {}
    for kind in (Kind.PHOTO, Kind.TEXT):
        plain = BruteIndex.empty(16).changed(rows, ())
        indices[kind] = Counting(plain._columns, plain._live)
    wish = Wish(directions([Part(vectors[7], False, 1.0)]), {Kind.PHOTO: 1.0, Kind.TEXT: 0.1}, 5)
    searches = ranking.searches_of(indices, wish)
    found = ranking.best_photos(searches, wish, str)
    assert found[0].photo == 7
    assert [index.asked for index in indices.values()] == [32, 32]


def test_all_samples_just_at_the_threshold_are_found() -> None:
    plus = (1,) * values.DIMENSION
    half = (1,) * 12 + (-1,) * 4
    items = [Item(n, n, Kind.PHOTO, half, 1.0) for n in range(1, 8)]
    wish = {
        "weights": {Kind.PHOTO: 1.0},
        "limit": 9,
        "offset": 0,
        "threshold": 0.5,
        "mean": False,
        "use_confidence": False,
        "calibrations": {},
        "excluded": frozenset(),
    }
    case = Case(items, [(False, plus, 1.0, 1.0)], wish, portion=1)
    found = found_by(case, indices_of(case))
    assert found == expected(case)
    assert len(found) == 7
