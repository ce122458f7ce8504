"""One photo at large as HTML: all its samples outlined, its facts, the texts read in it."""

from collections import Counter
from collections.abc import Iterable

from markupsafe import Markup

from common.samples import Entry, Kind, PhotoFacts, Sample, StageRecord
from ui import naming
from ui.web import cards, pictures, words

CROWDED = 8
CLOSE = Markup('<button type="button" class="action" data-close aria-label="Close">✕</button>')
STEPS = Markup(
    '<span class="steps"><button type="button" class="action" data-step="-1" disabled'
    ' aria-label="Photo before" title="Photo before (←)">‹</button>'
    '<button type="button" class="action" data-step="1" disabled'
    ' aria-label="Photo after" title="Photo after (→)">›</button></span>'
)


def dialog(photo: Entry) -> Markup:
    """Return the dialog; the page's script opens it."""
    found = [sample for sample in photo.samples if sample.kind is not Kind.PHOTO]
    regions = naming.without_words(found)
    outlines = [pictures.Outline(sample) for sample in _largest_first(regions)]
    name = words.photo_name(photo.facts)
    return Markup(
        '<dialog class="photo{crowded}" aria-label="{name}" data-photo="{photo_id}">'
        "<header>{steps}<h2>{name}</h2>{close}</header>"
        '<div class="photo-body"><div class="photo-side">{toggles}<div class="photo-stage">{shot}'
        '</div></div><aside>{facts}{samples}{stages}<div class="actions">{actions}</div></aside>'
        '</div><section class="around" data-around="{around}" aria-live="polite"></section>'
        "</dialog>"
    ).format(
        crowded=" crowded" if len(regions) > CROWDED else "",
        name=name,
        photo_id=photo.facts.photo_id,
        steps=STEPS,
        close=CLOSE,
        toggles=toggles(regions),
        shot=pictures.shot(photo.facts, size_px=pictures.LARGE_PX, outlines=outlines),
        facts=facts_list(photo.facts),
        samples=sample_list(regions),
        stages=stage_notes(photo.stages),
        actions=_actions(photo.facts.photo_id),
        around=pictures.around_url(photo.facts.photo_id),
    )


def trouble(text: str) -> Markup:
    """Return a dialog that says why there is no photo."""
    return Markup(
        '<dialog class="photo" aria-label="Problem"><header><h2>Photo</h2>{}</header>{}</dialog>'
    ).format(CLOSE, cards.problem(text))


def removed(photo_id: str) -> Markup:
    """Return what is said of a photo that went into the trash, with the way back."""
    return Markup('<div class="note" role="status"><span>{}</span>{}</div>').format(
        "The photo is in the trash.", cards.act("restore_photo", "Undo", item=photo_id)
    )


def _largest_first(samples: Iterable[Sample]) -> list[Sample]:
    """Order so that small regions lie on top of large ones and can be pointed at."""
    return sorted(samples, key=lambda sample: -sample.box.area)


def toggles(regions: Iterable[Sample]) -> Markup:
    """Return a switch for each kind that was found, in the order of the kinds."""
    counts = Counter(sample.kind for sample in regions)
    if not counts:
        return Markup("")
    switches = (_toggle(kind, counts[kind]) for kind in Kind if kind in counts)
    return Markup('<div class="toggles" role="group" aria-label="Outlines">{}</div>').format(
        pictures.joined(switches)
    )


def _toggle(kind: Kind, count: int) -> Markup:
    return Markup(
        '<label class="toggle"><input type="checkbox" checked data-kind="{}">{}{} ({})</label>'
    ).format(kind.name.lower(), pictures.icon(kind), words.KINDS[kind].name, count)


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
        "<p>Remove this photo, with everything found in it? It goes into the trash, and"
        " can be brought back from there.</p>{}</details>"
    ).format(
        cards.button("more_like", "More like this photo", photo_id=photo_id),
        pictures.original_url(photo_id),
        cards.button("remove_photo", "Move into the trash", photo_id=photo_id),
    )
