"""Cards as HTML: photos of the library, empty states and problems.

Everything that came from a file, a reader or a service is escaped by `Markup.format`.
"""

from collections.abc import Iterable

from markupsafe import Markup

from common.samples import Box, Entry, PhotoFacts
from ui.web import pictures, words


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


def act(event: str, text: str, *, item: str) -> Markup:
    """Return a button that sends `event` with the id of what it is about to the page."""
    return Markup(
        '<button type="button" class="action" data-event="{}" data-item="{}">{}</button>'
    ).format(event, item, text)


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
