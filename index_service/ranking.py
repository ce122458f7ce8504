"""The best photos for a wish: exact over all kinds, given exact neighbours within each.

With the maximum as aggregation a photo ranks as its best sample, so each kind is asked for growing
portions of its nearest samples until the next one of none can reach the last photo wanted. A mean
needs all samples of a photo, and a query of two modalities has no order that an index knows: both
compare with everything. The threshold tests scores of samples: a photo without a sample that
reaches it is left out; a mean still counts all its visible samples.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.samples import Kind
from index_service.candidates import Begun, Candidates, KindSearch, Wish, pooled
from index_service.vector_index import Comparing, Doubles

_FIRST_PORTION = 32
# One core is for the thread that searches.
_WALKERS = ThreadPoolExecutor(max((os.cpu_count() or 1) - 1, 1), thread_name_prefix="walker")
_GROWTH = 4
# Sums of the same numbers in another order differ behind this digit; equal means shall be equal.
_RANK_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Ranked:
    """A photo, by its number, and what it ranks by."""

    photo: int
    rank: float


def best_photos(
    searches: Sequence[KindSearch],
    wish: Wish,
    name_of: Callable[[int], str],
    *,
    portion: int = 0,
) -> list[Ranked]:
    """Return photos offset .. offset + limit, best first, ties by `name_of`, the photo id.

    `portion` is how many samples of each kind are fetched at first; 0 leaves it to the wish.
    """
    if not searches or not wish.limit:
        return []
    if wish.mean or len(wish.query) > 1:
        found = pooled([search.scan() for search in searches])
    else:
        found = _reaching(searches, wish, portion or max(_FIRST_PORTION, 2 * wish.wanted))
    return _top(*_grouped(found, wish), wish, name_of)


def searches_of(indices: Mapping[Kind, Comparing], wish: Wish) -> list[KindSearch]:
    """Return a search for each visible kind that has samples."""
    return [KindSearch(kind, indices[kind], wish) for kind in wish.kinds if kind in indices]


def _reaching(searches: Sequence[KindSearch], wish: Wish, portion: int) -> Candidates:
    """Return samples among which are the best of each of the best photos."""
    found: dict[Kind, Candidates] = {}
    opened = list(searches)
    while opened:
        found |= zip((s.kind for s in opened), _portions(opened, portion), strict=True)
        last = _last_wanted(pooled(list(found.values())), wish)
        opened = [s for s in opened if _may_reach(s, found[s.kind], portion, last)]
        portion *= _GROWTH
    return pooled(list(found.values()))


def _portions(searches: Sequence[KindSearch], count: int) -> list[Candidates]:
    """Return what each finds.

    Another thread walks graphs ahead, without Python's lock, while this one makes use of what was
    found. A scan gains nothing by that: both wait for memory.
    """
    walks = {s.kind: _WALKERS.submit(s.begun, count) for s in searches[1:] if s.is_walked}
    return [_begun(search, walks.get(search.kind), count)() for search in searches]


def _begun(search: KindSearch, walk: Future[Begun] | None, count: int) -> Begun:
    """Return what another thread has begun; what it has not come to yet is begun here."""
    return search.begun(count) if walk is None or walk.cancel() else walk.result()


def _may_reach(search: KindSearch, found: Candidates, portion: int, last: float) -> bool:
    """Return whether samples beyond `found` may reach rank `last`; the photo id decides ties."""
    return len(found) >= portion and search.bound(found) >= max(last, 0.0)


def _last_wanted(found: Candidates, wish: Wish) -> float:
    """Return the rank of the last photo wanted so far; -1 while there are not enough."""
    _, ranks = _grouped(found, wish)
    if len(ranks) < wish.wanted:
        return -1.0
    return float(np.partition(ranks, len(ranks) - wish.wanted)[len(ranks) - wish.wanted])


def _grouped(found: Candidates, wish: Wish) -> tuple[npt.NDArray[np.int64], Doubles]:
    """Return the photos that count, and the rank of each."""
    counts = found.counts
    if wish.excluded:
        counts = counts & ~np.isin(found.photos, list(wish.excluded))
    if not counts.any():
        return np.zeros(0, np.int64), np.zeros(0)
    return _means(found, counts, wish) if wish.mean else _maxima(found, counts)


def _maxima(
    found: Candidates, counts: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], Doubles]:
    photos, ranks = found.photos[counts], found.ranks[counts]
    order = np.argsort(photos, kind="stable")
    unique, starts = np.unique(photos[order], return_index=True)
    return unique, np.maximum.reduceat(ranks[order], starts)


def _means(
    found: Candidates, counts: npt.NDArray[np.bool_], wish: Wish
) -> tuple[npt.NDArray[np.int64], Doubles]:
    photos, places = np.unique(found.photos, return_inverse=True)
    means = np.bincount(places, weights=found.ranks) / np.bincount(places)
    chosen = np.bincount(places, weights=counts) > 0
    unit = max(wish.weights.values())
    return photos[chosen], np.round(means[chosen] / unit, _RANK_DIGITS) * unit


def _top(
    photos: npt.NDArray[np.int64], ranks: Doubles, wish: Wish, name_of: Callable[[int], str]
) -> list[Ranked]:
    if len(ranks) > wish.wanted:
        least = np.partition(ranks, len(ranks) - wish.wanted)[len(ranks) - wish.wanted]
        photos, ranks = photos[ranks >= least], ranks[ranks >= least]
    pairs = zip(photos.tolist(), ranks.tolist(), strict=True)
    ordered = sorted(pairs, key=lambda pair: (-pair[1], name_of(pair[0])))
    return [Ranked(photo, rank) for photo, rank in ordered[wish.offset : wish.wanted]]
