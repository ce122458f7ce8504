"""What lies around a photo: photos like it and the clusters it is in, fetched when it is open."""

from collections.abc import Iterable

from markupsafe import Markup

from common import errors
from common.samples import Hit, Kind
from ui import analyses, answers, client
from ui.web import cards, cluster_names, jobs, pictures, words

ALIKE = 12
JOBS = 4


def fragment(library: client.Client, photo_id: str) -> Markup:
    """Return both as HTML; what cannot be found out is a sentence."""
    return _alike(library, photo_id) + _clusters(library, photo_id)


def _alike(library: client.Client, photo_id: str) -> Markup:
    term = answers.Term(photo_id=photo_id)
    others: dict[Kind, float] = {kind: 0.0 for kind in Kind if kind is not Kind.PHOTO}
    try:
        hits = library.search(answers.Query((term,), others, limit=ALIKE + 1)).hits
    except errors.SemapixError as error:
        return cards.problem(words.sentence(error))
    return alike([hit for hit in hits if hit.facts.photo_id != photo_id][:ALIKE])


def alike(hits: Iterable[Hit]) -> Markup:
    """Return a row of small photos, most alike first."""
    row = pictures.joined(map(_small, hits))
    if not row:
        return cards.quiet("There is no other photo yet to compare it with.")
    return Markup('<h3>Photos like it</h3><div class="alike">{}</div>').format(row)


def _small(hit: Hit) -> Markup:
    name = words.photo_name(hit.facts)
    return Markup(
        '<button type="button" class="small" data-event="open_photo" data-photo="{}" title="{}">'
        "{}</button>"
    ).format(hit.facts.photo_id, name, pictures.image(hit.facts, pictures.TILE_PX))


def _clusters(library: client.Client, photo_id: str) -> Markup:
    try:
        return clusters(_memberships(library, photo_id))
    except errors.SemapixError as error:
        return cards.problem(words.sentence(error))


def clusters(names: Iterable[str]) -> Markup:
    """Return the names of the clusters; nothing where there are none."""
    items = pictures.joined(Markup('<li class="badge">{}</li>').format(one) for one in names)
    if not items:
        return Markup("")
    return Markup('<h3>Clusters it is in</h3><ul class="badges">{}</ul>').format(items)


def _memberships(library: client.Client, photo_id: str) -> list[str]:
    """Return the clusters of the newest analysis of each kind that have a sample of the photo."""
    newest: dict[tuple[Kind, ...], analyses.Analysis] = {}
    for job in jobs.succeeded(library, analyses.ClusterParameters):
        newest.setdefault(job.kinds, job)
    found: list[str] = []
    for job in list(newest.values())[:JOBS]:
        for cluster in library.analyses.clusters(job.analysis_id).clusters:
            if any(sample.photo_id == photo_id for sample in cluster.samples):
                name = f"{cluster_names.name(cluster)} ({cluster.count:,})"
                found.append(name)
    return list(dict.fromkeys(found))
