"""How good found boxes are against known ones: average precision at an overlap of one half.

As COCO measures it (greedy matching by confidence, precision made monotone, 101 recalls), over the
six kinds, with small boxes and crowds ignored on both sides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.samples import OBJECT_KINDS, Box, Kind
from common.vectors import Floats
from detector_service.boxes import overlaps
from detector_service.findings import Detection

MIN_AREA = 0.04
OVERLAP = 0.5
RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True)
class Known:
    """An object that is really there; `crowd`: the box covers many of them."""

    kind: Kind
    label: str
    box: Box
    crowd: bool = False

    @property
    def counts(self) -> bool:
        """Whether it has to be found."""
        return not self.crowd and self.box.area >= MIN_AREA


@dataclass(frozen=True, slots=True)
class Picture:
    """What one picture shows and what was found in it."""

    known: Sequence[Known]
    found: Sequence[Detection]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One found box that counts; `match` is the known box it covers, None for a false alarm."""

    found: Detection
    match: Known | None


@dataclass(frozen=True, slots=True)
class Figures:
    """`ap50` in [0, 1] per kind, None for a kind that is not shown; `mean` over the others.

    `label_right`: share of the matched boxes with a label whose label is right; `labelled`: share
    of the matched boxes that have one. Both 0 where nothing matched.
    """

    ap50: tuple[tuple[Kind, float | None], ...]
    mean: float
    label_right: float
    labelled: float


def figures(pictures: Iterable[Picture]) -> Figures:
    """Return what the detections are worth."""
    pictures = list(pictures)
    verdicts = [verdict for picture in pictures for verdict in judged(picture)]
    known = [each.kind for picture in pictures for each in picture.known if each.counts]
    ap50 = tuple((kind, _ap50(kind, verdicts, known.count(kind))) for kind in OBJECT_KINDS)
    shown = [value for _, value in ap50 if value is not None]
    matched = [verdict for verdict in verdicts if verdict.match]
    named = [verdict for verdict in matched if verdict.found.label]
    right = [v for v in named if v.match and v.match.label == v.found.label]
    return Figures(
        ap50=ap50,
        mean=sum(shown) / max(1, len(shown)),
        label_right=len(right) / max(1, len(named)),
        labelled=len(named) / max(1, len(matched)),
    )


def judged(picture: Picture) -> list[Verdict]:
    """Return a verdict on each found box that counts: it matches one that does, or is large enough.

    A known box is matched once, by the most confident; a crowd any number of times.
    """
    verdicts = []
    for kind in OBJECT_KINDS:
        known = [each for each in picture.known if each.kind is kind]
        found = sorted(
            (each for each in picture.found if each.kind is kind), key=lambda each: -each.confidence
        )
        verdicts += _of_one_kind(known, found)
    return verdicts


def average_precision(hits: npt.NDArray[np.bool_], known: int) -> float:
    """Return the average precision of verdicts, most confident first, over `known` boxes."""
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    first = np.searchsorted(found / known, RECALLS - 1e-9)
    return float(np.append(precision, 0.0)[np.minimum(first, len(hits))].mean())


def _ap50(kind: Kind, verdicts: Sequence[Verdict], known: int) -> float | None:
    if not known:
        return None
    own = [verdict for verdict in verdicts if verdict.found.kind is kind]
    own.sort(key=lambda verdict: -verdict.found.confidence)
    return average_precision(np.array([bool(verdict.match) for verdict in own], dtype=bool), known)


def _of_one_kind(known: Sequence[Known], found: Sequence[Detection]) -> list[Verdict]:
    free = list(known)
    verdicts = []
    for each in found:
        match = _match(each, free)
        if match and not match.crowd:
            free.remove(match)
        if match and match.counts:
            verdicts.append(Verdict(each, match))
        elif not match and each.box.area >= MIN_AREA:
            verdicts.append(Verdict(each, None))
    return verdicts


def _match(found: Detection, free: Sequence[Known]) -> Known | None:
    """Return the known box that is covered best; those that count come before the others."""
    for group in ([k for k in free if k.counts], [k for k in free if not k.counts]):
        covered = [_covered(found.box, each) for each in group]
        if covered and max(covered) >= OVERLAP:
            return group[covered.index(max(covered))]
    return None


def _covered(box: Box, known: Known) -> float:
    """Return the overlap; of a crowd, the share of the found box that lies within it."""
    union = float(overlaps(_corners(box), _corners(known.box))[0, 0])
    if not known.crowd:
        return union
    shared = union * (box.area + known.box.area) / (1 + union)
    return shared / max(box.area, 1e-9)


def _corners(box: Box) -> Floats:
    return np.array([[box.x, box.y, box.x + box.width, box.y + box.height]], dtype=np.float32)
