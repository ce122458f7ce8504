"""Groups of photos that are the same, look the same or show the same, and the best of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis_service import alike, best_photo, close_vectors
from analysis_service.neighbours import Indices, Report
from analysis_service.specs import DuplicateKind, DuplicateParameters
from common.samples import PhotoFacts
from common.vectors import Floats


@dataclass(frozen=True, slots=True)
class Copy:
    """A photo of a group by its row; `like_best`: by itself, not only by way of others.

    `differing_bits` of the hash of the best, of 64, are None in semantic groups; `cosine` to the
    best, in [-1, 1], is None in others.
    """

    row: int
    width: int
    height: int
    bytes: int
    sharpness: float
    like_best: bool
    differing_bits: int | None = None
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """At least two copies, the best first, and `why` it is the best.

    `min_cosine`: the least cosine of two that tie a semantic group together; None in others.
    """

    copies: tuple[Copy, ...]
    why: str
    min_cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups, largest first, then by their first row, and how many photos were not compared."""

    groups: tuple[Group, ...]
    not_compared: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """Photos that can be compared: their rows, what is known of each, and its unit vector."""

    rows: Indices
    photos: Sequence[PhotoFacts]
    vectors: Floats


def find(
    vectors: Floats,
    photos: Sequence[PhotoFacts | None],
    parameters: DuplicateParameters,
    *,
    report: Report,
) -> Duplicates:
    """Return the groups among unit vectors, shape (n, d), of n photos; a photo None is gone."""
    there = [(row, facts) for row, facts in enumerate(photos) if facts is not None]
    chosen = [(row, facts) for row, facts in there if _is_comparable(facts, parameters.kind)]
    rows = np.array([row for row, _ in chosen], dtype=np.int64)
    compared = _Compared(rows, [facts for _, facts in chosen], vectors[rows])
    groups = [
        _group(compared, places, least, parameters)
        for places, least in _places(compared, parameters, report)
    ]
    groups.sort(key=lambda group: -len(group.copies))
    return Duplicates(tuple(groups), len(there) - len(chosen))


def _is_comparable(facts: PhotoFacts, kind: DuplicateKind) -> bool:
    if kind is DuplicateKind.EXACT:
        return bool(facts.pixel_hash)
    return kind is DuplicateKind.SEMANTIC or alike.is_telling(facts)


def _places(
    compared: _Compared, parameters: DuplicateParameters, report: Report
) -> list[tuple[Indices, float | None]]:
    """Return where the photos of each group stand among those compared, and the least cosine."""
    if parameters.kind is DuplicateKind.SEMANTIC:
        close = close_vectors.groups(compared.vectors, parameters.min_cosine, report=report)
        return [(places, least) for places, least in close]
    if parameters.kind is DuplicateKind.EXACT:
        return [(places, None) for places in _of_one_picture(compared.photos)]
    near = alike.groups(compared.photos, parameters.max_differing_bits, report=report)
    return [(places, None) for places in near]


def _of_one_picture(photos: Sequence[PhotoFacts]) -> list[Indices]:
    same: dict[tuple[str, int, int], list[int]] = {}
    for place, facts in enumerate(photos):
        same.setdefault((facts.pixel_hash, facts.width, facts.height), []).append(place)
    return [np.array(places) for places in same.values() if len(places) > 1]


def _group(
    compared: _Compared, places: Indices, least: float | None, parameters: DuplicateParameters
) -> Group:
    """Return the group, its best photo first."""
    photos = {compared.photos[place].photo_id: place for place in places.tolist()}
    chosen, why = best_photo.best([compared.photos[place] for place in places.tolist()])
    best = photos.pop(chosen.photo_id)
    ordered = [best, *photos.values()]
    copies = (_copy(compared, place, best=best, parameters=parameters) for place in ordered)
    return Group(tuple(copies), why, least)


def _copy(compared: _Compared, place: int, *, best: int, parameters: DuplicateParameters) -> Copy:
    facts, of_best = compared.photos[place], compared.photos[best]
    bits = cosine = None
    if parameters.kind is DuplicateKind.SEMANTIC:
        cosine = float(np.clip(compared.vectors[place] @ compared.vectors[best], -1, 1))
        like_best = cosine >= parameters.min_cosine - float(close_vectors.ROUNDING)
    elif parameters.kind is DuplicateKind.EXACT:
        bits, like_best = 0, True
    else:
        bits = alike.differing_bits(facts, of_best)
        like_best = alike.are_alike(facts, of_best, parameters.max_differing_bits)
    return Copy(
        int(compared.rows[place]),
        facts.width,
        facts.height,
        facts.bytes,
        facts.sharpness,
        like_best,
        bits,
        cosine,
    )
