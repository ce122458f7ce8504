"""Clusters as HTML: a card each with representative pictures, one as a whole, the noise apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from markupsafe import Markup

from common.samples import Kind, PhotoFacts, Sample
from ui import analyses
from ui.web import cluster_names, pictures, words

REPRESENTATIVES = 6
CARDS, STAMPS, NOISE = 48, 96, 24
LONGEST_NAME = 100
Facts = Mapping[str, PhotoFacts]
T = TypeVar("T")


class Part(StrEnum):
    """What of an analysis is shown: all clusters, one of them, or what is in none."""

    ALL = "all"
    ONE = "one"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class View:
    """A page of clusters, or of pictures; `number` is that of the cluster, `page` counts from 0."""

    analysis_id: str
    part: Part = Part.ALL
    number: int = 0
    page: int = 0

    def go(self, part: Part, text: str, *, number: int = 0, page: int = 0) -> Markup:
        """Return a button that leads to another view of the same analysis."""
        return Markup(
            '<button type="button" class="action" data-go="{}" data-analysis="{}" data-number="{}"'
            ' data-page="{}">{}</button>'
        ).format(part, self.analysis_id, number, page, text)


def shown(found: analyses.Clustering, view: View) -> list[Sample]:
    """Return the samples that a view shows, for which facts are needed."""
    if view.part is Part.ALL:
        kept = (
            cluster.samples[:REPRESENTATIVES] for cluster in _turned(found.clusters, view, CARDS)
        )
        return [sample for samples in kept for sample in samples] + list(found.noise[:NOISE])
    return list(_turned(_samples(found, view), view, STAMPS))


def clusters(found: analyses.Clustering, view: View, facts: Facts) -> Markup:
    """Return the view."""
    if view.part is Part.ALL:
        return _all(found, view, facts)
    samples = _samples(found, view)
    return Markup(
        '<div class="cluster-open" data-part="{}"><div class="actions">{}</div>{}'
        '<div class="stamps">{}</div>{}</div>'
    ).format(
        view.part,
        view.go(Part.ALL, "← All clusters"),
        _title(found, view),
        _stamps(_turned(samples, view, STAMPS), facts),
        _paging(view, len(samples), STAMPS),
    )


def _samples(found: analyses.Clustering, view: View) -> Sequence[Sample]:
    if view.part is Part.NOISE:
        return found.noise
    return found.clusters[view.number].samples if view.number < len(found.clusters) else ()


def _turned(every: Sequence[T], view: View, size: int) -> Sequence[T]:
    return every[view.page * size : (view.page + 1) * size]


def _all(found: analyses.Clustering, view: View, facts: Facts) -> Markup:
    some = _turned(found.clusters, view, CARDS)
    return Markup('<div class="clusters">{}</div>{}{}').format(
        pictures.joined(_card(cluster, view, facts) for cluster in some),
        _paging(view, len(found.clusters), CARDS),
        _noise(found, view, facts),
    )


def _card(cluster: analyses.Cluster, view: View, facts: Facts) -> Markup:
    return Markup(
        '<article class="card cluster" data-number="{}">{}<div class="stamps">{}</div>'
        '<div class="actions">{}</div></article>'
    ).format(
        cluster.number,
        _heading(cluster, view),
        _stamps(cluster.samples[:REPRESENTATIVES], facts),
        view.go(Part.ONE, _opening(cluster), number=cluster.number),
    )


def _opening(cluster: analyses.Cluster) -> str:
    return f"Show all {cluster.count:,}" if cluster.count > REPRESENTATIVES else "Open"


def _heading(cluster: analyses.Cluster, view: View) -> Markup:
    """Return name, size and spread; the name can be edited where the cluster has an identity."""
    return Markup(
        '<header><strong class="name">{}</strong>{}</header><p class="quiet">{},'
        ' <span title="Mean cosine distance to its centre">spread {:.2f}</span>{}</p>'
    ).format(
        cluster_names.name(cluster),
        _naming(cluster, view) if cluster.cluster_id else "",
        words.count(cluster.count, "picture"),
        cluster.spread,
        ", the name is a guess" if cluster_names.guessed(cluster) else "",
    )


def _naming(cluster: analyses.Cluster, view: View) -> Markup:
    return Markup(
        '<details class="naming"><summary class="action">Rename</summary><form data-naming="{id}"'
        ' data-analysis="{analysis}" data-back="{part} {number} {page}"><input name="name"'
        ' value="{name}" maxlength="{most}" placeholder="{guess}" aria-label="Name of the cluster">'
        '<button class="action">Save</button></form></details>'
    ).format(
        id=cluster.cluster_id,
        analysis=view.analysis_id,
        part=view.part,
        number=view.number,
        page=view.page,
        name=cluster.name or cluster.suggested_name,
        most=LONGEST_NAME,
        guess=cluster_names.name(cluster),
    )


def _title(found: analyses.Clustering, view: View) -> Markup:
    if view.part is Part.NOISE:
        return Markup("<h3>In no cluster: {}</h3>").format(
            words.count(found.noise_count, "picture")
        )
    if view.number >= len(found.clusters):
        return Markup("<h3>There is no such cluster any more.</h3>")
    return _heading(found.clusters[view.number], view)


def _paging(view: View, count: int, size: int) -> Markup:
    """Return where the page lies among all, and the ways to those beside it; nothing for one."""
    if count <= size:
        return Markup("")
    first = view.page * size
    last = min(first + size, count)
    before = _turn(view, "← Before", page=view.page - 1) if view.page else ""
    after = _turn(view, "After →", page=view.page + 1) if last < count else ""
    return Markup('<div class="paging beside">{}<span class="quiet">{}</span>{}</div>').format(
        before, f"{first + 1:,} to {last:,} of {count:,}", after
    )


def _turn(view: View, text: str, *, page: int) -> Markup:
    return view.go(view.part, text, number=view.number, page=page)


def _noise(found: analyses.Clustering, view: View, facts: Facts) -> Markup:
    if not found.noise:
        return Markup("")
    return Markup(
        '<section class="noise"><h3>In no cluster: {}</h3><div class="stamps">{}</div>'
        '<div class="actions">{}</div></section>'
    ).format(
        words.count(found.noise_count, "picture"),
        _stamps(found.noise[:NOISE], facts),
        view.go(Part.NOISE, "Show all of them") if found.noise_count > NOISE else "",
    )


def _stamps(samples: Iterable[Sample], facts: Facts) -> Markup:
    return pictures.joined(
        _stamp(sample, facts[sample.photo_id]) for sample in samples if sample.photo_id in facts
    )


def _stamp(sample: Sample, facts: PhotoFacts) -> Markup:
    name = f"{words.sample_name(sample)}, {words.photo_name(facts)}"
    whole = " whole" if sample.kind is Kind.PHOTO else ""
    return Markup(
        '<button type="button" class="stamp{}" data-event="open_photo" data-photo="{}" title="{}">'
        "{}</button>"
    ).format(whole, facts.photo_id, name, pictures.stamp(facts, sample))
