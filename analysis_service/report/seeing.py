"""The vectors that a report is made of, from an embedder of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from analysis_service import embedder_client
from analysis_service.embedder_client import Encoder, Regions
from analysis_service.report import likeness, weighing
from analysis_service.report.likeness import Labelled
from analysis_service.report.materials import Captioned, Materials, Scene, Thing
from common.calibration import Calibration
from common.evaluations import Progress
from common.vectors import Floats

LEAST_AREA, MOST_AREA, MOST_REGIONS = 0.04, 0.9, 16
MOST_CAPTIONED = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Captions:
    """Unit rows of pictures and of captions, and the picture of each caption."""

    pictures: Floats
    texts: Floats
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """What searches go through, the labels to ask for with their photos, and their texts' rows.

    curve: from a cosine to a score.
    """

    samples: weighing.Samples
    wanted: dict[str, frozenset[int]]
    texts: Floats
    curve: Calibration


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Everything that the embedder said; what there is no material for is None."""

    encoder: Encoder
    objects: Labelled | None
    people: Labelled | None
    captions: Captions | None
    searched: Searched | None


Cut = Callable[[Sequence[Regions]], list[Floats]]


@dataclass(frozen=True, slots=True)
class Eyes:
    """The embedder: rows of photos, rows of texts, and what it is."""

    cut: Cut
    read: Callable[[Sequence[str]], Floats]
    encoder: Encoder


def look(model: str, materials: Materials, progress: Progress) -> Seen:
    """Return the vectors. Raises Unavailable for an embedder that does not come up."""
    captioned = materials.captioned[:MOST_CAPTIONED]
    total = 2 * len(materials.scenes) + len(materials.people) + len(captioned)
    with embedder_client.embedder(model) as channel:
        eyes = Eyes(
            cut=_counted(partial(embedder_client.cut, channel), progress, total),
            read=partial(embedder_client.read, channel),
            encoder=embedder_client.described(channel),
        )
        objects, searched = _scenes(eyes, materials.scenes)
        return Seen(
            encoder=eyes.encoder,
            objects=objects,
            people=_people(eyes, materials),
            captions=_captions(eyes, captioned),
            searched=searched,
        )


def _counted(cut: Callable[..., list[Floats]], progress: Progress, total: int) -> Cut:
    """Return what embeds photos and tells how many of `total` are done."""
    done = 0

    def counted(wanted: Sequence[Regions]) -> list[Floats]:
        nonlocal done
        before, done = done, done + len(wanted)
        return cut(wanted, report=lambda now: progress(min(total, before + now), total))

    return counted


def _scenes(eyes: Eyes, scenes: Sequence[Scene]) -> tuple[Labelled | None, Searched | None]:
    """Return the things in the photos, and what searches for them go through."""
    things = [(n, thing) for n, each in enumerate(scenes) for thing in _large(each)]
    if not things:
        return None, None
    wholes = [rows[0] for rows in eyes.cut([Regions(each.path) for each in scenes])]
    regions = [Regions(e.path, tuple(t.box for t in _large(e))) for e in scenes if _large(e)]
    crops = [row for rows in eyes.cut(regions) for row in rows]
    labels, photos = [thing.label for _, thing in things], [n for n, _ in things]
    objects = _labelled(crops, labels, [str(n) for n in photos])
    wanted = weighing.asked([[thing.label for thing in each.things] for each in scenes])
    if not wanted:
        return objects, None
    samples = weighing.Samples(
        np.stack([*wholes, *crops]),
        (*range(len(scenes)), *photos),
        (*("" for _ in scenes), *labels),
    )
    texts = eyes.read([weighing.phrase(label) for label in wanted])
    return objects, Searched(samples, wanted, texts, eyes.encoder.curve)


def _labelled(rows: Sequence[Floats], labels: list[str], photos: list[str]) -> Labelled | None:
    kept = likeness.chosen(labels)
    if not kept:
        return None
    return Labelled(
        np.stack([rows[row] for row in kept]),
        tuple(labels[row] for row in kept),
        tuple(photos[row] for row in kept),
    )


def _large(scene: Scene) -> list[Thing]:
    """Return the things that an import would keep as regions."""
    kept = [each for each in scene.things if LEAST_AREA <= each.box.area <= MOST_AREA]
    return kept[:MOST_REGIONS]


def _people(eyes: Eyes, materials: Materials) -> Labelled | None:
    paths = list(materials.people)
    labels = [materials.people[path].replace("_", " ") for path in paths]
    kept = likeness.chosen(labels)
    rows = [found[0] for found in eyes.cut([Regions(paths[row]) for row in kept])]
    return _labelled(rows, [labels[r] for r in kept], [str(paths[r]) for r in kept])


def _captions(eyes: Eyes, captioned: Sequence[Captioned]) -> Captions | None:
    if len(captioned) < 2:
        return None
    pictures = np.stack([rows[0] for rows in eyes.cut([Regions(each.path) for each in captioned])])
    texts = [(n, text) for n, each in enumerate(captioned) for text in each.captions]
    rows = eyes.read([text for _, text in texts])
    return Captions(pictures, rows, tuple(n for n, _ in texts))
