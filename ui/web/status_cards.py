"""The Status page as HTML: services, stages, storage, imports, analyses, what a check found."""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from common.samples import Stage
from ui import analyses, answers, naming
from ui.housekeeping import Finding
from ui.import_client import ImportProgress
from ui.web import cards, import_cards, pictures, words
from ui.web import jobs as following

SHOWN_JOBS = 10
SHOWN_FINDINGS = 200
State = analyses.AnalysisState
_SERVICES = {
    "embedder": "understands pictures and texts",
    "detector": "finds persons, objects and printed text",
    "index": "keeps the catalogue and searches it",
    "analysis": "makes clusters, maps and duplicates",
}
_JOBS = {
    analyses.ClusterParameters: "Clusters",
    analyses.MapParameters: "Map",
    analyses.DuplicateParameters: "Duplicates",
}
_MAP = analyses.MapParameters
_STATES = {
    State.QUEUED: "waiting",
    State.RUNNING: "under way",
    State.SUCCEEDED: "done",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}


def status(state: answers.Status) -> Markup:
    """Return notices, services, what is still to be done, and what is there."""
    told = pictures.joined(map(cards.note, state.notices))
    return Markup('{}<div class="services">{}</div><div class="panels">{}{}{}</div>').format(
        told or cards.note("Everything works: nothing to report."),
        pictures.joined(map(_service, state.services)),
        panel("In the library", _counts(state)),
        panel("Storage", facts(_storage(state))),
        panel("Still to be done", _stages(state)),
    )


def panel(title: str, content: str) -> Markup:
    """Return a part of the page under its title."""
    return Markup('<section class="panel"><h3>{}</h3>{}</section>').format(title, content)


def facts(rows: Iterable[tuple[str, str]]) -> Markup:
    """Return names and values, line by line."""
    lines = pictures.joined(Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows)
    return Markup('<dl class="facts">{}</dl>').format(lines)


def _service(service: answers.ServiceState) -> Markup:
    state = "running" if service.serving else "not answering"
    return Markup(
        '<div class="service {}"><b>{}</b><span class="state">{}</span>'
        '<span class="quiet">{}</span><span class="quiet">{}</span></div>'
    ).format(
        "good" if service.serving else "bad",
        service.name.capitalize(),
        state,
        _SERVICES.get(service.name, ""),
        service.message or ", ".join(service.models),
    )


def _stages(state: answers.Status) -> Markup:
    """Return how many photos each stage is missing for, how fast it is, what could not be done."""
    if not state.counted:
        return cards.quiet("Not known while the index does not answer.")
    rows = [(_capital(words.STAGES[s]), _stage(state, s)) for s, _ in above_zero(state.pending)]
    rows += [
        (f"Could not be done: {words.STAGES[s]}", words.count(number, "photo"))
        for s, number in above_zero(state.failed)
    ]
    return facts(rows) if rows else cards.quiet("Nothing: every photo is done in every stage.")


def _stage(state: answers.Status, stage: Stage) -> str:
    number = words.count(state.pending[stage], "photo")
    speed = state.speeds.get(stage)
    if speed is None or not speed.photos_per_s:
        return number
    to_go = naming.duration(speed.remaining_s)
    return f"{number}, {speed.photos_per_s:.1f} a second, about {to_go} to go"


def _counts(state: answers.Status) -> Markup:
    """Return how many photos there are, and how many things of each kind in them."""
    if not state.counted:
        return cards.quiet("Not known while the index does not answer.")
    found = Markup("<li>{}<span>{}</span><b>{:,}</b></li>")
    lines = (
        found.format(pictures.icon(kind), words.KINDS[kind].name, number)
        for kind, number in state.samples.items()
    )
    return Markup('<ul class="counts">{}</ul>').format(pictures.joined(lines))


def _storage(state: answers.Status) -> Iterable[tuple[str, str]]:
    yield "Originals", words.size(state.original_bytes)
    yield "Catalogue and index", words.size(state.index_bytes) if state.counted else "not known"
    yield "Free on the disk", words.size(state.free_bytes)
    yield "Model", state.fingerprint[:12] or "chosen with the first photo"
    yield "Version", f"{state.version}, revision {state.revision:,}"


def above_zero(counts: Mapping[Stage, int]) -> list[tuple[Stage, int]]:
    """Return the stages with something to count."""
    return [(stage, number) for stage, number in counts.items() if number]


def imports(found: Sequence[ImportProgress]) -> Markup:
    """Return the newest imports, a line each."""
    lines = pictures.joined(map(_import, found))
    return panel("Imports", _list(lines, "None yet: photos come in on the Home page."))


def _import(progress: ImportProgress) -> Markup:
    record = progress.record
    return Markup(
        '<li data-state="{}"><div><b class="name">{}</b><span>{}</span><span class="quiet">{}, {}'
        "</span></div>{}</li>"
    ).format(
        record.state.name,
        record.label or f"Import {naming.short_id(record.import_id)}",
        import_cards.how_far(progress),
        record.state.name.lower(),
        words.moment(record.changed_at_s) or "some time ago",
        import_cards.buttons(progress),
    )


def jobs(found: Sequence[analyses.Analysis]) -> Markup:
    """Return the newest analyses, a line each."""
    lines = pictures.joined(map(_job, found[:SHOWN_JOBS]))
    return panel("Analyses", _list(lines, "None yet: start one on the Clusters or Map page."))


def _job(job: analyses.Analysis) -> Markup:
    over = job.state.over
    told = job.error or words.count(job.samples, "sample")
    bar = told if over else cards.progress(job.progress, _capital(job.step or "waiting"))
    return Markup(
        '<li><div><b>{}</b><span>{}</span><span class="quiet">{}{}</span></div></li>'
    ).format(
        _job_name(job),
        bar,
        _STATES[job.state],
        f", {words.moment(job.started_at_s)}" if job.started_at_s else "",
    )


def _job_name(job: analyses.Analysis) -> str:
    """Return "Map in 2-D of whole photos"."""
    given = job.parameters
    more = f" in {given.dimensions or following.DEEP}-D" if isinstance(given, _MAP) else ""
    return f"{_JOBS[type(given)]}{more} of {following.told(job)}"


def _list(lines: Markup, nothing: str) -> Markup:
    if not lines:
        return cards.quiet(nothing)
    return Markup('<ul class="lines">{}</ul>').format(lines)


def findings(found: Sequence[Finding], looked_at: int) -> Markup:
    """Return what a check found."""
    if not found:
        checked = words.count(looked_at, "photo")
        return cards.note(f"Nothing is wrong: {checked} looked at, with originals and vectors.")
    lines = pictures.joined(map(_finding, found[:SHOWN_FINDINGS]))
    more = len(found) - SHOWN_FINDINGS
    rest = cards.quiet(f"and {more:,} more") if more > 0 else Markup("")
    title = words.count(len(found), "thing is", "things are")
    return cards.problem(f"{title} wrong.") + Markup('<ul class="lines">{}</ul>{}').format(
        lines, rest
    )


def _finding(finding: Finding) -> Markup:
    done = "repaired" if finding.repaired else ""
    return Markup('<li><div><span>{}</span><span class="quiet">{} {}</span></div></li>').format(
        finding.message, finding.id, done
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
