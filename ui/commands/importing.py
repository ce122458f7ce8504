"""`semapix import`: photos in, with their outcomes, then the stages that follow."""

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from common import errors
from common.imports import ImportRecord
from ui import console, folders, options, progress
from ui.answers import FileSource, Imported, Outcome, Status
from ui.client import Client
from ui.import_session import ImportSession, InPlaceSession
from ui.importing import PatientImport, Tally
from ui.waiting import wait_for_stages

app = typer.Typer()
SHOWN_PROBLEMS = 50
MOST_PATHS = 64
NEW = ImportRecord("")


@dataclasses.dataclass(frozen=True, slots=True)
class ImportOptions:
    paths: Annotated[
        list[Path],
        typer.Argument(exists=True, help="Files and archives, and folders with all below them."),
    ] = dataclasses.field(default_factory=list)
    resume: Annotated[
        str, typer.Option(metavar="ID", help="Go on with an import.", show_default=False)
    ] = ""
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Leave originals where they lie, do not copy them.")
    ] = False
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Leave detection and reading to the background.")
    ] = False
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds without progress before giving up.")
    ] = 120.0


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """An import and what became of its photos."""

    import_id: str
    tally: Tally


@dataclasses.dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import prints as JSON; `problems` are the photos neither added nor duplicate.

    `pending` are the photo stages still to be done, None where the gateway no longer answers.
    """

    import_id: str
    photos: int
    added: int
    duplicate: int
    rejected: int
    failed: int
    unreadable: int
    unsent: int
    problems: Sequence[Imported]
    unreadable_folders: Sequence[str]
    pending: int | None


@options.command(app, "import", ImportOptions)
def import_photos(given: ImportOptions, common: options.Common) -> None:
    """Import photos; the same photo twice is no harm.

    A folder brings the pictures in it, hidden ones left out; a file that is named is always sent.
    What the library has is not sent. An import that was interrupted goes on with --resume, or by
    importing the same again. Exit code 1 if a photo failed or could not be read.
    """
    unreadable: list[OSError] = []
    with common.client() as client:
        client.status()  # a wrong address shows at once instead of after the patience
        given = _with_paths(client, given)
        files = list(folders.photo_files(given.paths, on_unreadable=unreadable.append))
        sent = send(client, files, given.patience, record=_record(given))
        after = _after(client, given, wait=sent.tally.ok and not given.no_wait)
    made = report(sent, unreadable, after)
    common.show(made, lambda: print_report(made, after.notices if after else ()))
    if not sent.tally.ok or sent.tally.unsent or unreadable or after is None:
        raise typer.Exit(1)


def _with_paths(client: Client, given: ImportOptions) -> ImportOptions:
    """Return the options with the paths, and the way, of the import that is to go on."""
    if not given.resume:
        if not given.paths:
            raise typer.BadParameter("name files or folders, or an import with --resume ID")
        return given
    record = client.imports.get(given.resume).record
    paths = given.paths or [Path(path) for path in record.paths]
    if not paths:
        raise typer.BadParameter(f"import {given.resume} has no paths on record: name them again")
    return dataclasses.replace(given, paths=paths, in_place=record.in_place)


def _record(given: ImportOptions) -> ImportRecord:
    paths = tuple(str(path.absolute()) for path in given.paths)
    few = paths if len(paths) <= MOST_PATHS else ()
    return ImportRecord(given.resume, paths=few, in_place=given.in_place)


def _after(client: Client, given: ImportOptions, *, wait: bool) -> Status | None:
    """Return the library's status, None where the gateway is gone: the outcomes stand anyway."""
    try:
        return finish_stages(client, given.patience) if wait else client.status()
    except errors.SemapixError as error:
        console.complain(f"what is still to be done is not known: {error}")
        return None


def send(
    client: Client,
    files: Sequence[Path],
    patience_s: float,
    *,
    record: ImportRecord = NEW,
) -> Sent:
    """Import `files` under a progress bar; return what became of them.

    Raises Mismatch if there is no room for them.
    """
    sources = [FileSource(path.absolute()) for path in files]
    wanted = dataclasses.replace(record, total=len(sources), total_bytes=_bytes(sources))
    import_id = client.imports.create(wanted).import_id
    session = InPlaceSession if record.in_place else ImportSession
    with progress.bar("photos") as bar:
        task = bar.add_task("importing", total=len(sources), counts="")
        work = PatientImport(
            session(client.imports, import_id),
            sources,
            patience_s=patience_s,
            on_pause=lambda why: _say(bar, why),
        )
        try:
            for imported in work.run():
                bar.update(task, advance=0 if imported.entry else 1, counts=_counts(work.tally))
        except KeyboardInterrupt:
            hint = f"go on with `semapix import --resume {import_id}`"
            _say(bar, f"interrupted after {_counts(work.tally)}; {hint}")
            raise
    if work.tally.ok and not work.tally.unsent:
        _finish(client, import_id)
    return Sent(import_id, work.tally)


def _finish(client: Client, import_id: str) -> None:
    try:
        client.imports.finish(import_id)
    except errors.SemapixError as error:  # every photo is in all the same
        console.complain(f"import {import_id} is not called finished: {error}")


def _bytes(sources: Sequence[FileSource]) -> int:
    """Return the size of the files that there are; the others get their outcome later."""
    total = 0
    for source in sources:
        with contextlib.suppress(OSError):
            total += source.path.stat().st_size
    return total


def _counts(tally: Tally) -> str:
    shown = {outcome: tally.counts[outcome] for outcome in reversed(Outcome)}
    order = (Outcome.ADDED, Outcome.DUPLICATE, Outcome.REJECTED)
    rest = [o for o in shown if o not in (*order, Outcome.UNPACKED) and shown[o]]
    return ", ".join(f"{shown[outcome]} {outcome.name.lower()}" for outcome in (*order, *rest))


def _say(bar: Progress, sentence: str) -> None:
    bar.console.print(console.cell(sentence, "yellow"))


def finish_stages(client: Client, patience_s: float) -> Status:
    """Wait under a progress bar until the background stages are done; return the last status."""
    with progress.bar("stages") as bar:
        task = bar.add_task("detecting and reading", total=None, counts="")
        for state in wait_for_stages(client, patience_s=patience_s):
            bar.update(task, total=state.most, completed=state.most - state.status.remaining)
    return state.status


def report(sent: Sent, unreadable: Sequence[OSError], after: Status | None) -> ImportReport:
    """Return what to print of an import."""
    tally = sent.tally
    return ImportReport(
        import_id=sent.import_id,
        photos=tally.photos,
        added=tally.counts[Outcome.ADDED],
        duplicate=tally.counts[Outcome.DUPLICATE],
        rejected=tally.counts[Outcome.REJECTED],
        failed=tally.counts[Outcome.FAILED],
        unreadable=tally.counts[Outcome.UNREADABLE],
        unsent=tally.unsent,
        problems=tally.problems,
        unreadable_folders=[str(error) for error in unreadable],
        pending=after.remaining if after and after.counted else None,
    )


def print_report(report: ImportReport, notices: Sequence[str]) -> None:
    """Print the counts, the photos that are not in, and why."""
    out = console.output()
    out.print(
        f"{report.photos} photos: {report.added} added, {report.duplicate} duplicate, "
        f"{report.rejected} rejected, {report.failed} failed, {report.unreadable} unreadable"
    )
    if report.unsent:
        out.print(f"the import was cancelled: {report.unsent} photos were not sent")
    if report.failed or report.unsent:
        out.print(f"go on with `semapix import --resume {report.import_id}`")
    if report.problems:
        out.print(_problem_table(report.problems))
    for sentence in (*report.unreadable_folders, *notices):
        out.print(console.cell(sentence, "yellow"))
    if report.pending:
        out.print(f"{report.pending} photo stages are still to be done; see `semapix status`.")


def _problem_table(problems: Sequence[Imported]) -> object:
    rows = console.table("photo", "outcome", "why")
    for problem in problems[:SHOWN_PROBLEMS]:
        what = problem.outcome.name.lower()
        rows.add_row(
            console.cell(problem.source), what, console.cell(problem.message or problem.reason.name)
        )
    if len(problems) > SHOWN_PROBLEMS:
        rows.add_row(f"and {len(problems) - SHOWN_PROBLEMS} more; --json lists all", "", "")
    return rows
