"""`semapix import`: photos in, with their outcomes, then the stages that follow."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from common import errors
from ui import console, folders, options, progress
from ui.answers import FileSource, Imported, Outcome, Status
from ui.client import Client
from ui.importing import PatientImport, Tally
from ui.waiting import wait_for_stages

app = typer.Typer()
SHOWN_PROBLEMS = 50


@dataclasses.dataclass(frozen=True, slots=True)
class ImportOptions:
    paths: Annotated[
        list[Path], typer.Argument(exists=True, help="Files, and folders with all below them.")
    ]
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Leave detection and reading to the background.")
    ] = False
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds without progress before giving up.")
    ] = 120.0


@dataclasses.dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import prints as JSON; `problems` are the photos neither added nor duplicate.

    `pending` are the photo stages still to be done, None where the gateway no longer answers.
    """

    photos: int
    added: int
    duplicate: int
    duplicate_after_resend: int
    rejected: int
    failed: int
    unreadable: int
    problems: Sequence[Imported]
    unreadable_folders: Sequence[str]
    pending: int | None


@options.command(app, "import", ImportOptions)
def import_photos(given: ImportOptions, common: options.Common) -> None:
    """Import photos; the same photo twice is no harm.

    A folder brings the pictures in it, hidden ones left out; a file that is named is always sent.
    Exit code 1 if a photo failed or could not be read. A duplicate is a photo whose bytes the
    library has; one that had to be sent twice may have been added by this very import.
    """
    unreadable: list[OSError] = []
    files = list(folders.photo_files(given.paths, on_unreadable=unreadable.append))
    with common.client() as client:
        client.status()  # a wrong address shows at once instead of after the patience
        tally = send(client, files, given.patience)
        after = _after(client, given, wait=tally.ok and not given.no_wait)
    made = report(tally, unreadable, after)
    common.show(made, lambda: print_report(made, after.notices if after else ()))
    if not tally.ok or unreadable or after is None:
        raise typer.Exit(1)


def _after(client: Client, given: ImportOptions, *, wait: bool) -> Status | None:
    """Return the library's status, None where the gateway is gone: the outcomes stand anyway."""
    try:
        return finish_stages(client, given.patience) if wait else client.status()
    except errors.SemapixError as error:
        console.complain(f"what is still to be done is not known: {error}")
        return None


def send(client: Client, files: Sequence[Path], patience_s: float) -> Tally:
    """Import `files` under a progress bar; return what became of them."""
    sources = [FileSource(path) for path in files]
    with progress.bar("photos") as bar:
        task = bar.add_task("importing", total=len(sources), counts="")
        work = PatientImport(
            client, sources, patience_s=patience_s, on_pause=lambda why: _say(bar, why)
        )
        try:
            for _ in work.run():
                bar.update(task, advance=1, counts=_counts(work.tally))
        except KeyboardInterrupt:
            _say(bar, f"interrupted after {_counts(work.tally)}; import again for the rest")
            raise
    return work.tally


def _counts(tally: Tally) -> str:
    shown = {outcome: tally.counts[outcome] for outcome in reversed(Outcome)}
    order = (Outcome.ADDED, Outcome.DUPLICATE, Outcome.REJECTED)
    rest = [o for o in shown if o not in order and shown[o]]
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


def report(tally: Tally, unreadable: Sequence[OSError], after: Status | None) -> ImportReport:
    """Return what to print of an import."""
    return ImportReport(
        photos=tally.counts.total(),
        added=tally.counts[Outcome.ADDED],
        duplicate=tally.counts[Outcome.DUPLICATE],
        duplicate_after_resend=tally.resent_duplicates,
        rejected=tally.counts[Outcome.REJECTED],
        failed=tally.counts[Outcome.FAILED],
        unreadable=tally.counts[Outcome.UNREADABLE],
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
    if report.duplicate_after_resend:
        out.print(
            f"{report.duplicate_after_resend} of the duplicates were sent twice because the first "
            "sending got no answer: this import may have added them."
        )
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
