"""Cards as HTML: photos of the library, results of a search, empty states and problems.

Everything that came from a file, a reader or a service is escaped by `Markup.format`.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from common.samples import Box, Entry, Kind, Match, PhotoFacts, Sample
from ui import answers
from ui.web import pictures, words

OTHER_MATCHES = 4


def note(text: str) -> Markup:
    """Return a sentence that is good to know."""
    return Markup('<p class="note" role="status">{}</p>').format(text)


def quiet(text: str) -> Markup:
    """Return a line in the background."""
    return Markup('<p class="quiet">{}</p>').format(text)


def problem(text: str) -> Markup:
    """Return a sentence about what went wrong."""
    return Markup('<p class="problem" role="alert">{}</p>').format(text)


def empty(title: str, advice: str) -> Markup:
    """Return what stands where nothing is yet, with the next step."""
    return Markup('<div class="empty"><strong>{}</strong><span>{}</span></div>').format(
        title, advice
    )


def progress(share: float, text: str) -> Markup:
    """Return a bar; `share` in [0, 1]."""
    percent = round(100 * min(max(share, 0.0), 1.0))
    return Markup(
        '<div class="progress" role="progressbar" aria-valuenow="{0}" aria-valuemin="0"'
        ' aria-valuemax="100" aria-label="{1}"><i style="width:{0}%"></i></div>'
        '<p class="progress-text">{1}</p>'
    ).format(percent, text)


def button(event: str, text: str, *, photo_id: str, box: Box | None = None) -> Markup:
    """Return a button that sends `event` with the photo, and the region, to the page."""
    return Markup(
        '<button type="button" class="action" data-event="{}" data-photo="{}" data-box="{}">'
        "{}</button>"
    ).format(event, photo_id, pictures.box_words(box) if box else "", text)


def gallery(photos: Iterable[Entry]) -> Markup:
    """Return rows of tiles at the photos' own proportions."""
    tiles = (_tile(photo.facts) for photo in photos)
    return Markup('<div class="gallery">{}</div>').format(pictures.joined(tiles))


def _tile(facts: PhotoFacts) -> Markup:
    name = words.photo_name(facts)
    return Markup(
        '<button type="button" class="tile" style="--ratio:{:.4f}" data-event="open_photo"'
        ' data-photo="{}" title="{}">{}</button>'
    ).format(
        min(max(facts.width / facts.height, 0.5), 2.5),
        facts.photo_id,
        name,
        pictures.image(facts, pictures.TILE_PX),
    )


def results(hits: Sequence[answers.Hit]) -> Markup:
    """Return one card per photo, best first."""
    return Markup('<div class="results">{}</div>').format(pictures.joined(map(result, hits)))


def result(hit: answers.Hit) -> Markup:
    """Return the whole photo with its best match outlined, score bars, and what to do next."""
    best = hit.matches[0] if hit.matches else None
    outlines = [pictures.Outline(best.sample, best.score)] if best else []
    return Markup(
        '<article class="card" data-photo="{id}">'
        '<button type="button" class="frame" data-event="open_photo" data-photo="{id}"'
        ' aria-label="Open {name}">{shot}</button>'
        '<div class="caption"><strong title="{name}">{name}</strong>{bars}</div>'
        '<div class="actions">{actions}</div></article>'
    ).format(
        id=hit.facts.photo_id,
        name=words.photo_name(hit.facts),
        shot=pictures.shot(hit.facts, size_px=pictures.CARD_PX, outlines=outlines),
        bars=pictures.joined(map(score_bar, hit.matches[:OTHER_MATCHES])),
        actions=_like_buttons(hit.facts.photo_id, best.sample if best else None),
    )


def score_bar(match: Match) -> Markup:
    """Return one match as a line: icon, what it is, a bar of its score in [0, 1], percent."""
    name = words.sample_name(match.sample)
    return Markup(
        '<div class="score" title="{why}">{icon}'
        '<span class="name">{name}</span><span class="bar"><i style="width:{width:.0f}%"></i>'
        "</span><b>{percent}</b></div>"
    ).format(
        why=f"{name}: score {match.score:.2f}, cosine {match.cosine:.3f}, weight {match.weight:g}",
        icon=pictures.icon(match.sample.kind),
        name=name,
        width=100 * match.score,
        percent=words.percent(match.score),
    )


def _like_buttons(photo_id: str, sample: Sample | None) -> Markup:
    whole = button("more_like", "More like this", photo_id=photo_id)
    if sample is None or sample.kind in (Kind.PHOTO, Kind.TEXT):
        return whole
    text = f"More like this {sample.label or words.KINDS[sample.kind].name.lower()}"
    return whole + button("more_like", text, photo_id=photo_id, box=sample.box)


def likeness(photo_id: str, box: Box | None) -> Markup:
    """Return the chip that says which photo, or region of it, the search starts from."""
    outline = (
        Markup('<span class="outline bare" style="{}"></span>').format(pictures.place(box))
        if box
        else ""
    )
    return Markup(
        '<div class="chip"><span class="chip-photo"><img src="{}" alt="">{}</span>'
        "<span>{}</span>{}</div>"
    ).format(
        pictures.thumbnail_url(photo_id, 160),
        outline,
        "More like this region" if box else "More like this photo",
        button("forget_like", "✕", photo_id=photo_id),
    )
