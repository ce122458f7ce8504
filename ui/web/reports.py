"""What the library says of itself, as HTML: imports, status, jobs."""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from common import picture_names
from common.samples import Stage
from ui import analyses, answers
from ui.web import cards, pictures, words

SHOWN_REFUSED = 200
Outcome = answers.Outcome
_OUTCOMES = {
    Outcome.ADDED: ("added", "good"),
    Outcome.DUPLICATE: ("already there", "plain"),
    Outcome.REJECTED: ("rejected", "bad"),
    Outcome.FAILED: ("failed, import again", "bad"),
    Outcome.UNREADABLE: ("unreadable", "bad"),
}
_SERVICES = {
    "embedder": "Embedder: understands pictures and texts",
    "detector": "Detector: finds persons, objects and printed text",
    "index": "Index: keeps the catalogue and searches it",
    "analysis": "Analysis: clusters and maps",
}


def import_report(outcomes: Sequence[answers.Imported], total: int) -> Markup:
    """Return a bar, the count of each outcome, and the photos that did not get in with reasons."""
    done = sum(not item.entry for item in outcomes)
    text = f"{done:,} of {words.count(total, 'file')}"
    refused = [item for item in outcomes if item.message and item.outcome is not Outcome.UNPACKED]
    return Markup('<div class="import">{}{}{}</div>').format(
        cards.progress(done / max(total, 1), text), _counts(outcomes), _refused(refused)
    )


def _counts(outcomes: Sequence[answers.Imported]) -> Markup:
    kinds = [item.outcome for item in outcomes]
    badges = (
        Markup('<span class="badge {}" data-outcome="{}"><b>{}</b> {}</span>').format(
            tone, outcome.name, kinds.count(outcome), name
        )
        for outcome, (name, tone) in _OUTCOMES.items()
        if outcome in kinds or outcome is Outcome.ADDED
    )
    return Markup('<div class="badges">{}</div>').format(pictures.joined(badges))


def _refused(items: Sequence[answers.Imported]) -> Markup:
    if not items:
        return Markup("")
    lines = (
        Markup("<li><b>{}</b> {}</li>").format(_file_name(item.source), item.message)
        for item in items[:SHOWN_REFUSED]
    )
    more = len(items) - SHOWN_REFUSED
    rest = Markup("<li>and {} more</li>").format(more) if more > 0 else Markup("")
    return Markup('<ul class="refused">{}{}</ul>').format(pictures.joined(lines), rest)


def _file_name(source: str) -> str:
    """Return what tells a file apart here: a photo in an archive is shown with its archive."""
    parts = source.split("/")
    first = next((n for n, part in enumerate(parts) if picture_names.is_archive(part)), -1)
    return "/".join(parts[first:]) or words.NAMELESS


def summary(status: answers.Status) -> Markup:
    """Return the number of photos, what is still being done, and the notices."""
    count = words.count(status.photos, "photo")
    notices = pictures.joined(map(cards.note, status.notices))
    return Markup('<div class="summary"><b class="count">{}</b><span>{}</span></div>{}').format(
        count, _waiting(status.pending), notices
    )


def _waiting(pending: Mapping[Stage, int]) -> str:
    waiting = (f"{words.STAGES[stage]} in {number:,}" for stage, number in _above_zero(pending))
    text = ", ".join(waiting)
    return f"Still looking for {text}" if text else ""


def status_page(status: answers.Status) -> Markup:
    """Return services with their models, counts, and the notices."""
    services = pictures.joined(map(_service, status.services))
    return Markup('{}<div class="services">{}</div><dl class="facts">{}</dl>').format(
        pictures.joined(map(cards.note, status.notices))
        or cards.note("Everything works: nothing to report."),
        services,
        pictures.joined(Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in _rows(status)),
    )


def _service(service: answers.ServiceState) -> Markup:
    state = "running" if service.serving else "not answering"
    return Markup(
        '<div class="service {}"><b>{}</b><span>{}</span><span class="quiet">{}</span></div>'
    ).format(
        "good" if service.serving else "bad",
        _SERVICES.get(service.name, service.name),
        state,
        ", ".join(service.models) or service.message,
    )


def _rows(status: answers.Status) -> Iterable[tuple[str, str]]:
    yield "Photos", f"{status.photos:,}"
    yield "Originals", words.size(status.original_bytes)
    for kind, number in status.samples.items():
        yield words.KINDS[kind].name, f"{number:,}"
    for stage, number in _above_zero(status.pending):
        yield f"Waiting: {words.STAGES[stage]}", f"{number:,}"
    for stage, number in _above_zero(status.failed):
        yield f"Could not be done: {words.STAGES[stage]}", f"{number:,}"
    yield "Model", status.fingerprint[:12] or "chosen with the first photo"
    yield "Version", f"{status.version}, revision {status.revision}"


def _above_zero(counts: Mapping[Stage, int]) -> list[tuple[Stage, int]]:
    return [(stage, number) for stage, number in counts.items() if number]


def job(analysis: analyses.Analysis) -> Markup:
    """Return how far a job is."""
    return cards.progress(analysis.progress, (analysis.step or "waiting").capitalize())
