"""Pictures on the page: thumbnails by address, and samples outlined over the whole photo."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from common.samples import Box, Kind, PhotoFacts, Sample
from ui.web import words

TILE_PX, CARD_PX, LARGE_PX = 320, 512, 1024
_EMPTY = Markup("")
_LABEL_BELOW = 0.12


@dataclass(frozen=True, slots=True)
class Outline:
    """A sample to draw, and its score in [0, 1] where there is a query."""

    sample: Sample
    score: float | None = None


def thumbnail_url(photo_id: str, size_px: int) -> str:
    """Return the address of a thumbnail, relative to the page so that a proxy path may precede."""
    return f"thumbnails/{photo_id}?size={size_px}"


def original_url(photo_id: str) -> str:
    """Return the address of the bytes that were imported."""
    return f"originals/{photo_id}"


def trashed_url(photo_id: str) -> str:
    """Return the address of a small picture of a photo in the trash."""
    return f"trashed/{photo_id}"


def around_url(photo_id: str) -> str:
    """Return the address of what lies around a photo, as HTML."""
    return f"photos/{photo_id}/around"


def joined(parts: Iterable[Markup]) -> Markup:
    """Return the parts one after the other."""
    return _EMPTY.join(parts)


def image(facts: PhotoFacts, size_px: int) -> Markup:
    """Return the thumbnail, its place reserved at the photo's own proportions."""
    return Markup(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async">'
    ).format(
        thumbnail_url(facts.photo_id, size_px), facts.width, facts.height, words.photo_name(facts)
    )


def shot(facts: PhotoFacts, *, size_px: int, outlines: Iterable[Outline] = ()) -> Markup:
    """Return the whole photo with outlines over it; its size follows --frame of the style sheet."""
    return Markup('<div class="shot" style="--ratio:{:.4f}">{}{}</div>').format(
        facts.width / facts.height, image(facts, size_px), joined(map(outline, outlines))
    )


def outline(drawn: Outline) -> Markup:
    """Return a dashed rectangle with kind, label or text, and score."""
    sample = drawn.sample
    score = "" if drawn.score is None else Markup(" <b>{}</b>").format(words.percent(drawn.score))
    return Markup(
        '<div class="outline{}" style="{}" data-sample="{}" data-kind="{}">'
        '<span title="{}">{}<em>{}</em>{}</span></div>'
    ).format(
        _placement(sample),
        place(sample.box),
        sample.sample_id,
        sample.kind.name.lower(),
        words.sample_name(sample),
        icon(sample.kind),
        words.sample_name(sample),
        score,
    )


def icon(kind: Kind) -> Markup:
    """Return the drawing that stands for a kind."""
    return Markup('<i class="kind-icon kind-{}" aria-hidden="true"></i> ').format(kind.name.lower())


def place(box: Box) -> str:
    """Return the box as CSS in percent of the photo."""
    edges = {"left": box.x, "top": box.y, "width": box.width, "height": box.height}
    return ";".join(f"{name}:{100 * share:.3f}%" for name, share in edges.items())


def box_words(box: Box) -> str:
    """Return the box as "x y width height", what `box_from_words` reads."""
    return " ".join(f"{share:.6f}" for share in (box.x, box.y, box.width, box.height))


def box_from_words(text: str) -> Box:
    """Return the box written by `box_words`. Raises InvalidInput for anything else."""
    try:
        x, y, width, height = map(float, text.split())
    except ValueError:
        x = y = width = height = -1.0
    return Box(x, y, width, height).checked("region")


def stamp(facts: PhotoFacts, sample: Sample) -> Markup:
    """Return the whole photo, small, with the region of `sample` outlined without a label."""
    mark = _EMPTY
    if sample.kind is not Kind.PHOTO:
        mark = Markup('<span class="outline bare" style="{}"></span>').format(place(sample.box))
    return Markup('<div class="shot" style="--ratio:{:.4f}">{}{}</div>').format(
        facts.width / facts.height, image(facts, TILE_PX), mark
    )


def _placement(sample: Sample) -> str:
    """Return the class that keeps the label inside the photo and out of the way."""
    if sample.kind is Kind.PHOTO:
        return " whole"
    reads = " reads" if sample.kind is Kind.TEXT else ""
    side = " inside" if sample.box.y < _LABEL_BELOW else ""
    return reads + side + (" leftward" if sample.box.x > 0.6 else "")
