"""Imports and rejected photos as HTML: how far, how fast, what became of them, what to do."""

from collections.abc import Sequence

from markupsafe import Markup

from common import picture_names
from common.imports import ImportState
from ui import answers, naming
from ui.import_client import ImportProgress, RejectedPhoto
from ui.web import cards, pictures, words
from ui.web.uploads import Upload

SHOWN_PROBLEMS = 200
Outcome = answers.Outcome
_OUTCOMES = {
    Outcome.ADDED: ("added", "good"),
    Outcome.DUPLICATE: ("already there", "plain"),
    Outcome.REJECTED: ("rejected", "bad"),
    Outcome.FAILED: ("failed, import again", "bad"),
    Outcome.UNREADABLE: ("unreadable", "bad"),
}
_STATES = {
    ImportState.RUNNING: "Importing",
    ImportState.PAUSED: "Paused",
    ImportState.CANCELLED: "Cancelled",
    ImportState.FINISHED: "Imported",
    ImportState.INTERRUPTED: "Interrupted",
}
_EMPTY = Markup("")


def card(progress: ImportProgress, upload: Upload | None = None) -> Markup:
    """Return one import: what it is, a bar, counts, what is wrong, and what can be done."""
    record = progress.record
    return Markup(
        '<section class="import" data-import="{}" data-state="{}"><header><h3>{}</h3>{}'
        "</header>{}{}{}</section>"
    ).format(
        record.import_id,
        record.state.name,
        ": ".join(filter(None, (_STATES[record.state], record.label))),
        buttons(progress),
        cards.progress(_share(progress), how_far(progress)),
        _counts(progress, upload),
        _told(upload),
    )


def _share(progress: ImportProgress) -> float:
    record = progress.record
    if record.state is ImportState.FINISHED:
        return 1.0
    return record.settled / record.total if record.total else 0.0


def how_far(progress: ImportProgress) -> str:
    """Return counts, speed and time to go in a line."""
    record = progress.record
    # A total is what was announced; an archive may bring more, and then it is not told.
    known = record.total >= record.settled and record.total
    photos = words.count(record.total if known else record.settled, "photo")
    parts = [f"{record.settled:,} of {photos}" if known else photos]
    if record.state is ImportState.RUNNING:
        if progress.photos_per_s:
            parts.append(f"{progress.photos_per_s:.1f} a second")
        if progress.remaining_s:
            parts.append(f"about {naming.duration(progress.remaining_s)} to go")
    return " · ".join(parts)


def buttons(progress: ImportProgress) -> Markup:
    """Return what can be done with an import in its state."""
    record = progress.record
    acts = {
        ImportState.RUNNING: (("pause_import", "Pause"), ("cancel_import", "Cancel")),
        ImportState.PAUSED: (("resume_import", "Go on"), ("cancel_import", "Cancel")),
    }.get(record.state, ())
    made = (cards.act(event, text, item=record.import_id) for event, text in acts)
    return Markup('<span class="actions">{}</span>').format(pictures.joined(made))


def _counts(progress: ImportProgress, upload: Upload | None) -> Markup:
    record = progress.record
    numbers = {
        Outcome.ADDED: record.added,
        Outcome.DUPLICATE: record.duplicate,
        Outcome.REJECTED: record.rejected,
        Outcome.FAILED: record.failed,
        Outcome.UNREADABLE: upload.tally.counts[Outcome.UNREADABLE] if upload else 0,
    }
    badges = (
        Markup('<span class="badge {}" data-outcome="{}"><b>{:,}</b> {}</span>').format(
            tone, outcome.name, numbers[outcome], name
        )
        for outcome, (name, tone) in _OUTCOMES.items()
        if numbers[outcome] or outcome is Outcome.ADDED
    )
    return Markup('<div class="badges">{}</div>').format(pictures.joined(badges))


def _told(upload: Upload | None) -> Markup:
    """Return what the import waits for, why it broke off, and the photos that are not in."""
    if upload is None:
        return _EMPTY
    waits = cards.note(f"Waiting: {upload.waiting}") if upload.waiting else _EMPTY
    broke = cards.problem(upload.trouble) if upload.trouble else _EMPTY
    return waits + broke + problems(upload.tally.problems)


def problems(items: Sequence[answers.Imported]) -> Markup:
    """Return the photos that did not get in, each with the reason."""
    if not items:
        return _EMPTY
    lines = (
        Markup('<li><b class="name">{}</b> {}</li>').format(file_name(item.source), item.message)
        for item in items[:SHOWN_PROBLEMS]
    )
    more = len(items) - SHOWN_PROBLEMS
    rest = Markup("<li>and {:,} more</li>").format(more) if more > 0 else _EMPTY
    return Markup('<ul class="refused">{}{}</ul>').format(pictures.joined(lines), rest)


def file_name(source: str) -> str:
    """Return what tells a file apart here: a photo in an archive is shown with its archive."""
    parts = source.replace("\\", "/").split("/")
    first = next((n for n, part in enumerate(parts) if picture_names.is_archive(part)), -1)
    return "/".join(parts[first:]) or words.NAMELESS


def rejected(photos: Sequence[RejectedPhoto], total: int) -> Markup:
    """Return the list of the rejected, newest first, with what can be done."""
    if not photos:
        return cards.quiet("No photo was rejected. What cannot be imported is listed here.")
    lines = pictures.joined(map(_rejected_line, photos))
    more = total - len(photos)
    rest = cards.quiet(f"and {more:,} more: `semapix rejected` lists all") if more > 0 else _EMPTY
    everything = cards.act("retry_rejected", "Try these again", item="all") + cards.act(
        "forget_rejected", "Forget these", item="all"
    )
    return Markup('<div class="actions">{}</div><ul class="rejected">{}</ul>{}').format(
        everything, lines, rest
    )


def _rejected_line(photo: RejectedPhoto) -> Markup:
    rejection = photo.rejection
    item = str(rejection.rejection_id)
    again = cards.act("retry_rejected", "Try again", item=item) if photo.kept else _EMPTY
    return Markup(
        '<li><div><b class="name">{}</b><span>{}</span><span class="quiet">{}</span></div>'
        '<span class="actions">{}{}</span></li>'
    ).format(
        file_name(rejection.source),
        rejection.message,
        words.moment(rejection.rejected_at_s),
        again,
        cards.act("forget_rejected", "Forget", item=item),
    )
