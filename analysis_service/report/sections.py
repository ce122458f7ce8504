"""The sections of a report: what was measured, how to read it, and what it means."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis_service import maps, nearest
from analysis_service.report import charts, gap, likeness, sweeps, weighing, wording
from analysis_service.report.charts import Chart
from analysis_service.report.likeness import Labelled, Likeness
from analysis_service.report.materials import Materials
from analysis_service.report.parts import Number, Section
from analysis_service.report.seeing import Captions, Searched, Seen
from analysis_service.specs import MapParameters
from analysis_service.steps import Step
from common.vectors import Floats

SHOWN_CAPTIONS, MAPPED_CAPTIONS = 50, 300
NEIGHBOURS = 5


def of(seen: Seen, materials: Materials) -> Iterator[Section]:
    """Yield the sections in their order, up to the fine-tuning."""
    yield _alike(seen.objects, "objects")
    yield _alike(seen.people, "people")
    yield _captions(seen.captions)
    yield _maps(seen)
    yield sweeps.clusters({"objects": seen.objects, "people": seen.people})
    yield _search(seen.searched, [each.path for each in materials.scenes])


def _alike(samples: Labelled | None, what: str) -> Section:
    words = wording.OBJECTS if what == "objects" else wording.PEOPLE
    found = likeness.of(samples) if samples else None
    if samples is None or found is None:
        return Section(words.title, words, missing=words.missing)
    numbers = (
        Number("samples", len(samples.labels)),
        Number("classes", len(found.classes)),
        Number("mean cosine, same class", _short(found.same.mean())),
        Number("mean cosine, different classes", _short(found.other.mean())),
        Number(
            "suggested threshold: same from a cosine of", _short(found.threshold), "0.75 to 0.8"
        ),
        Number("its error", _short(found.error)),
        Number("pairs of one class that it misses", _short(found.missed)),
        Number("pairs of two classes that it takes for one", _short(found.wrong)),
    )
    drawn = (
        charts.matrix(found, f"{what}-matrix", "Mean cosine, class by class"),
        charts.histogram(found, f"{what}-pairs", "Pairs of one class and of two classes"),
    )
    return Section(words.title, words, numbers=numbers, charts=drawn, rows=tuple(_own(found)))


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class: the mean cosine of its own pairs, and with the class that is most like it."""

    label: str
    own: float | None
    nearest: str
    with_nearest: float | None


def _own(found: Likeness) -> Iterator[ClassRow]:
    for at, label in enumerate(found.classes):
        others = np.where(np.arange(len(found.classes)) == at, np.nan, found.matrix[at])
        if np.isnan(others).all():
            yield ClassRow(label, _known(found.matrix[at, at]), "", None)
            continue
        near = int(np.nanargmax(others))
        own, other = _known(found.matrix[at, at]), _known(others[near])
        yield ClassRow(label, own, found.classes[near], other)


def _captions(samples: Captions | None) -> Section:
    words = wording.CAPTIONS
    if samples is None:
        return Section(words.title, words, missing=words.missing)
    found = gap.of(samples.pictures, samples.texts, samples.owners)
    numbers = (
        Number("pictures", found.photos),
        Number("captions", found.captions),
        Number("mean cosine, a caption and its picture", _short(found.own)),
        Number("mean cosine, a caption and another picture", _short(found.foreign)),
        Number("mean cosine, two pictures", _short(found.pictures)),
        Number("mean cosine, captions of two pictures", _short(found.texts)),
        Number("modality gap (way between the means)", _short(found.gap)),
        Number("own picture found first", _short(found.r_at_1)),
        Number("own picture among the first 10", _short(found.r_at_10)),
    )
    firsts = [samples.owners.index(n) for n in range(min(SHOWN_CAPTIONS, len(samples.pictures)))]
    cosines = samples.texts[firsts] @ samples.pictures[: len(firsts)].T
    chart = charts.captions(cosines, "captions-matrix", "Captions against pictures")
    return Section(words.title, words, numbers=numbers, charts=(chart,))


def _maps(seen: Seen) -> Section:
    words = wording.MAPS
    numbers, drawn = list[Number](), list[Chart]()
    for what, samples in (("objects", seen.objects), ("people", seen.people)):
        if samples:
            points = _points(samples.vectors)
            share = "{}: neighbours of the same class, of 5, {}".format
            on_map = _short(alike_near(of_places(points), samples.labels))
            numbers += [
                Number(
                    share(what, "by vectors"), _short(alike_near(samples.vectors, samples.labels))
                ),
                Number(share(what, "on the map"), on_map),
            ]
            title = f"Map of {what}"
            drawn.append(charts.places(points, samples.labels, f"{what}-map", title))
    if seen.captions:
        drawn.append(_map_of_captions(seen.captions))
    if not drawn:
        return Section(words.title, words, missing=words.missing)
    return Section(words.title, words, numbers=tuple(numbers), charts=tuple(drawn))


def _map_of_captions(samples: Captions) -> Chart:
    count = min(MAPPED_CAPTIONS, len(samples.pictures))
    firsts = [samples.owners.index(row) for row in range(count)]
    points = _points(np.concatenate([samples.pictures[:count], samples.texts[firsts]]))
    labels = ["picture"] * count + ["caption"] * count
    return charts.places(points, labels, "captions-map", "Map of pictures and their captions")


def _points(vectors: Floats) -> Floats:
    return maps.draw(vectors, MapParameters(dimensions=2), report=_silent).points


def of_places(points: Floats) -> Floats:
    """Return places as unit rows whose cosines fall with the distance, for small places."""
    small = np.column_stack([0.01 * points, np.ones(len(points), dtype=np.float32)])
    return np.asarray(small / np.linalg.norm(small, axis=1, keepdims=True), dtype=np.float32)


def _neighbours(what: str, vectors: Floats, labels: tuple[str, ...]) -> Number:
    return Number(f"neighbours of the same class, {what}", _short(alike_near(vectors, labels)))


def alike_near(vectors: Floats, labels: tuple[str, ...]) -> float:
    """Return which share of the five nearest others have the label of a row, in [0, 1]."""
    near, _ = nearest.others(vectors, min(NEIGHBOURS, len(labels) - 1), report=lambda _share: None)
    names = np.asarray(labels)
    return float((names[near] == names[:, None]).mean())


def _search(samples: Searched | None, photos: list[Path]) -> Section:
    words = wording.SEARCH
    if samples is None:
        return Section(words.title, words, missing=words.missing)
    found = weighing.weighed(samples.samples, samples.texts, samples.wanted, samples.curve)
    numbers = (
        Number("queries", found.queries),
        *(
            Number(f"mean average precision, {way.name}", _short(value))
            for way, value in zip(weighing.WEIGHTINGS, found.precisions, strict=True)
        ),
    )
    title = f'The first photos for "{found.example.query}"'
    chart = charts.pictures(found.example, photos, "search-example", title)
    return Section(words.title, words, numbers=numbers, charts=(chart,))


def _short(value: float) -> float:
    return round(float(value), 3)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else _short(value)


def _silent(_step: Step, _share: float) -> None:
    """Nobody listens."""
