"""Photos in the trash as HTML."""

from collections.abc import Sequence

from markupsafe import Markup

from ui.housekeeping import Trashed
from ui.web import cards, pictures, words


def trash(photos: Sequence[Trashed], total: int) -> Markup:
    """Return the photos with what can be done; emptying asks first."""
    if not total:
        return cards.quiet("Nothing in it. Photos that you remove wait here until it is emptied.")
    more = total - len(photos)
    rest = cards.quiet(f"and {more:,} more") if more > 0 else Markup("")
    return Markup('{}<ul class="trash">{}</ul>{}').format(
        _question(total), pictures.joined(map(_photo, photos)), rest
    )


def _question(total: int) -> Markup:
    return Markup(
        '<details class="asks"><summary class="action">Empty the trash …</summary>'
        "<p>Delete {} for good? Originals, too: nothing brings them back.</p>{}</details>"
    ).format(words.count(total, "photo"), cards.act("empty_trash", "Delete for good", item="all"))


def _photo(photo: Trashed) -> Markup:
    name = words.photo_name(photo.facts)
    return Markup(
        '<li><img src="{}" alt="{}" loading="lazy" width="96" height="72"><div><b class="name">{}'
        '</b><span class="quiet">removed {}</span>{}</div></li>'
    ).format(
        pictures.trashed_url(photo.facts.photo_id),
        name,
        name,
        words.moment(photo.trashed_at_s) or "some time ago",
        cards.act("restore_photo", "Bring it back", item=photo.facts.photo_id),
    )
