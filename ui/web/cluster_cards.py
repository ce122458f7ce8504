"""Clusters as HTML: a card each with representative pictures, and the noise apart."""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from common.samples import PhotoFacts, Sample
from ui import analyses
from ui.web import pictures, words

REPRESENTATIVES = 6
SHOWN_CLUSTERS = 60
SHOWN_NOISE = 60


def clusters(found: analyses.Clustering, facts: Mapping[str, PhotoFacts]) -> Markup:
    """Return a card per cluster, largest first, and the samples in none apart."""
    shown = (_cluster(cluster, facts) for cluster in found.clusters[:SHOWN_CLUSTERS])
    return Markup('<div class="clusters">{}</div>{}').format(
        pictures.joined(shown), _noise(found.noise, facts)
    )


def _cluster(cluster: analyses.Cluster, facts: Mapping[str, PhotoFacts]) -> Markup:
    return Markup(
        '<article class="card cluster"><header><strong>Cluster {}</strong><span>{}</span></header>'
        '<div class="stamps">{}</div></article>'
    ).format(
        cluster.number + 1,
        words.count(len(cluster.samples), "picture"),
        _stamps(cluster.samples[:REPRESENTATIVES], facts),
    )


def _noise(noise: Sequence[Sample], facts: Mapping[str, PhotoFacts]) -> Markup:
    if not noise:
        return Markup("")
    return Markup(
        '<details class="noise"><summary>In no cluster: {}</summary><div class="stamps">{}</div>'
        "</details>"
    ).format(words.count(len(noise), "picture"), _stamps(noise[:SHOWN_NOISE], facts))


def _stamps(samples: Iterable[Sample], facts: Mapping[str, PhotoFacts]) -> Markup:
    return pictures.joined(
        _stamp(sample, facts[sample.photo_id]) for sample in samples if sample.photo_id in facts
    )


def _stamp(sample: Sample, facts: PhotoFacts) -> Markup:
    name = f"{words.sample_name(sample)}, {words.photo_name(facts)}"
    return Markup(
        '<button type="button" class="stamp" data-event="open_photo" data-photo="{}" title="{}">'
        "{}</button>"
    ).format(facts.photo_id, name, pictures.stamp(facts, sample))


def shown_samples(found: analyses.Clustering) -> list[Sample]:
    """Return the samples that `clusters` shows, for which facts are needed."""
    kept = [
        sample
        for cluster in found.clusters[:SHOWN_CLUSTERS]
        for sample in cluster.samples[:REPRESENTATIVES]
    ]
    return [*kept, *found.noise[:SHOWN_NOISE]]
