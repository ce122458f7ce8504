"""One photo at large as HTML: all its samples outlined, its facts, the texts read in it."""

from collections.abc import Iterable

from markupsafe import Markup

from common.samples import Entry, Kind, PhotoFacts, Sample, StageRecord
from ui import naming
from ui.web import cards, pictures, words

CROWDED = 8


def dialog(photo: Entry) -> Markup:
    """Return the dialog; the page's script opens it."""
    found = [sample for sample in photo.samples if sample.kind is not Kind.PHOTO]
    regions = naming.without_words(found)
    outlines = [pictures.Outline(sample) for sample in _largest_first(regions)]
    name = words.photo_name(photo.facts)
    return Markup(
        '<dialog class="photo{crowded}" aria-label="{name}"><header><h2>{name}</h2>{toggle}'
        '<button type="button" class="action" data-close aria-label="Close">✕</button></header>'
        '<div class="photo-body"><div class="photo-stage">{shot}</div>'
        '<aside>{facts}{samples}{stages}<div class="actions">{actions}</div></aside></div></dialog>'
    ).format(
        crowded=" crowded" if len(regions) > CROWDED else "",
        name=name,
        toggle=_toggle(len(regions)),
        shot=pictures.shot(photo.facts, size_px=pictures.LARGE_PX, outlines=outlines),
        facts=facts_list(photo.facts),
        samples=sample_list(regions),
        stages=stage_notes(photo.stages),
        actions=_actions(photo.facts.photo_id),
    )


def trouble(text: str) -> Markup:
    """Return a dialog that says why there is no photo."""
    return Markup(
        '<dialog class="photo" aria-label="Problem"><header><h2>Photo</h2>'
        '<button type="button" class="action" data-close aria-label="Close">✕</button></header>{}'
        "</dialog>"
    ).format(cards.problem(text))


def _largest_first(samples: Iterable[Sample]) -> list[Sample]:
    """Order so that small regions lie on top of large ones and can be pointed at."""
    return sorted(samples, key=lambda sample: -sample.box.area)


def _toggle(regions: int) -> Markup:
    if not regions:
        return Markup("")
    return Markup(
        '<label class="toggle"><input type="checkbox" checked> Outlines ({})</label>'
    ).format(regions)


def facts_list(facts: PhotoFacts) -> Markup:
    """Return what is known of the photo, line by line."""
    rows = {
        "Size": f"{facts.width:,} × {facts.height:,} pixels",
        "File": f"{facts.format}, {words.size(facts.bytes)}",
        "Taken": naming.taken_at(facts.taken),
        "Camera": naming.camera(facts.taken),
        "Place": naming.place(facts.taken),
        "Added": words.moment(facts.imported_at_s) or "unknown",
        "From": ", ".join(facts.sources) or words.NAMELESS,
        "Looks": facts.perceptual_hash,
    }
    told = {name: value for name, value in rows.items() if value}
    lines = (Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in told.items())
    return Markup('<dl class="facts">{}</dl>').format(pictures.joined(lines))


def sample_list(samples: Iterable[Sample]) -> Markup:
    """Return regions and texts, each with a button that searches for more like it."""
    lines = pictures.joined(map(_sample_line, samples))
    if not lines:
        return Markup('<p class="quiet">No persons, objects or texts were found in this photo.</p>')
    return Markup('<h3>Found in it</h3><ul class="samples">{}</ul>').format(lines)


def _sample_line(sample: Sample) -> Markup:
    return Markup(
        '<li data-sample="{}">{}<span class="name">{}</span><span class="quiet">{}</span>{}</li>'
    ).format(
        sample.sample_id,
        pictures.icon(sample.kind),
        words.sample_name(sample),
        words.percent(sample.confidence),
        cards.button("more_like", "More like this", photo_id=sample.photo_id, box=sample.box),
    )


def stage_notes(stages: Iterable[StageRecord]) -> Markup:
    """Return a sentence for each stage that could not be done."""
    lines = (
        cards.note(f"Could not look for {words.STAGES[record.stage]}: {record.error}")
        for record in stages
        if record.error
    )
    return pictures.joined(lines)


def _actions(photo_id: str) -> Markup:
    return Markup(
        '{}<a class="action" href="{}" target="_blank" rel="noopener">Original</a>'
        '<details class="remove"><summary class="action">Remove …</summary>'
        "<p>Remove this photo, with everything found in it? It goes into the trash, from which"
        " <code>semapix trash restore</code> brings it back.</p>{}</details>"
    ).format(
        cards.button("more_like", "More like this photo", photo_id=photo_id),
        pictures.original_url(photo_id),
        cards.button("remove_photo", "Move into the trash", photo_id=photo_id),
    )
