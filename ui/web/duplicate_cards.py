"""Groups of duplicates as HTML: the best first and why, the others checked for the trash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from common import errors
from ui import duplicates
from ui.web import cards, pictures, words

GROUPS = 24
BITS = 64
_SAME = {"exact": "pixel for pixel the same", "near": "looks the same, bit for bit"}
_SENSES = {"exact": "are the same picture", "near": "look the same", "semantic": "show the same"}


@dataclass(frozen=True, slots=True)
class View:
    """A page of the groups of an analysis; `page` counts from 0."""

    analysis_id: str
    page: int = 0


def line(found: duplicates.Found) -> Markup:
    """Return how many groups among how many photos, and what the best alone would save."""
    several = words.count(len(found.groups), "group")
    told = f"{several} of photos that {_SENSES[found.kind]}, among {found.photos:,}."
    saved = sum(copy.bytes for group in found.groups for copy in _others(group))
    if saved:
        told += f" All but the best of each take {words.size(saved)}."
    if found.not_compared:
        told += f" {words.count(found.not_compared, 'photo')} could not be compared."
    return cards.quiet(told)


def groups(found: duplicates.Found, view: View) -> Markup:
    """Return a page of groups, the question about all of them, and the ways to other pages."""
    last_page = (len(found.groups) - 1) // GROUPS
    page = min(view.page, last_page)
    some = found.groups[page * GROUPS : (page + 1) * GROUPS]
    return Markup('<div class="twice" data-analysis="{}" data-page="{}">{}{}{}</div>').format(
        view.analysis_id,
        page,
        _question(some) if len(some) > 1 else "",
        Markup('<div class="groups">{}</div>').format(
            pictures.joined(_group(group, found.kind) for group in some)
        ),
        _paging(page, last_page),
    )


def _question(some: Sequence[duplicates.Group]) -> Markup:
    """Return what asks once more before all checked photos of the page go."""
    count = sum(len(group.others()) for group in some)
    return Markup(
        '<details class="asks"><summary class="action">Move all that are checked …</summary>'
        "<p>Every photo that is checked below goes into the trash, and can be brought back from"
        " there.</p>{}</details>"
    ).format(_removal(count))


def _removal(count: int) -> Markup:
    return Markup('<button type="button" class="action" data-remove{}>{}</button>').format(
        "" if count else Markup(" disabled"), f"Move {words.count(count, 'photo')} into the trash"
    )


def _group(group: duplicates.Group, kind: str) -> Markup:
    leaving = set(group.others())
    copies = (
        _copy(copy, _likeness(copy, group, kind), leaves=copy.photo_id in leaving)
        for copy in group.photos
    )
    return Markup(
        '<article class="card group"><div class="copies">{}</div><div class="actions">{}</div>'
        "</article>"
    ).format(pictures.joined(copies), _removal(len(leaving)))


def _copy(copy: duplicates.Copy, likeness: Markup, *, leaves: bool) -> Markup:
    return Markup(
        '<figure class="copy"><button type="button" class="stamp" data-event="open_photo"'
        ' data-photo="{id}" title="Open {name}"><img src="{src}" width="{width}" height="{height}"'
        ' alt="{name}" loading="lazy"></button><figcaption><b class="name">{name}</b>'
        '<span class="quiet">{width} × {height}, {size}</span>{likeness}</figcaption>'
        '<label class="toggle"><input type="checkbox" value="{id}"{checked}'
        ' aria-label="{name} into the trash">Into the trash</label></figure>'
    ).format(
        id=copy.photo_id,
        name=copy.name,
        src=pictures.thumbnail_url(copy.photo_id, pictures.TILE_PX),
        width=copy.width,
        height=copy.height,
        size=words.size(copy.bytes),
        likeness=likeness,
        checked=Markup(" checked") if leaves else "",
    )


def _likeness(copy: duplicates.Copy, group: duplicates.Group, kind: str) -> Markup:
    """Return why a photo is the best, or how like the best it is."""
    if copy.photo_id == group.best:
        return Markup('<span><b class="badge good">Best</b> {}</span>').format(group.why)
    if not copy.like_best:
        return cards.quiet("like others here, not like the best: stays")
    if copy.cosine is not None:
        return cards.quiet(f"cosine {copy.cosine:.3f}")
    if copy.differing_bits:
        return cards.quiet(f"{copy.differing_bits} of {BITS} bits differ")
    return cards.quiet(_SAME.get(kind, ""))


def _others(group: duplicates.Group) -> list[duplicates.Copy]:
    return [copy for copy in group.photos[1:] if copy.like_best]


def _paging(page: int, last_page: int) -> Markup:
    if not last_page:
        return Markup("")
    before = _turn("← Before", page - 1) if page else ""
    after = _turn("After →", page + 1) if page < last_page else ""
    return Markup('<div class="paging beside">{}<span class="quiet">{}</span>{}</div>').format(
        before, f"Page {page + 1:,} of {last_page + 1:,}", after
    )


def _turn(text: str, page: int) -> Markup:
    return Markup('<button type="button" class="action" data-turn="{}">{}</button>').format(
        page, text
    )


def removed(count: int, failed: Iterable[errors.SemapixError | None]) -> Markup:
    """Return what became of photos that were to go into the trash, with the way back."""
    moved = f"{words.count(count, 'photo is', 'photos are')} in the trash."
    undo = Markup('<button type="button" class="action" data-undo>Undo</button>')
    note = Markup('<div class="note undoing" role="status"><span>{}</span>{}</div>')
    return (note.format(moved, undo) if count else Markup("")) + _failures(failed)


def back(failed: Sequence[errors.SemapixError | None]) -> Markup:
    """Return what became of photos that were to come back."""
    count = sum(error is None for error in failed)
    told = cards.note(f"{words.count(count, 'photo is', 'photos are')} back.")
    return (told if count else Markup("")) + _failures(failed)


def _failures(failed: Iterable[errors.SemapixError | None]) -> Markup:
    sentences = dict.fromkeys(words.sentence(error) for error in failed if error)
    return pictures.joined(map(cards.problem, sentences))
