"""`semapix check`, `clear`: is all well with a library, and its end."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from common import errors
from ui import console, options, progress
from ui.client import Client
from ui.housekeeping import Checked, Finding, Scope

app = typer.Typer()


@dataclasses.dataclass(frozen=True, slots=True)
class CheckOptions:
    repair: Annotated[
        bool, typer.Option("--repair", help="Repair what can be repaired without losing anything.")
    ] = False


@dataclasses.dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found; `repaired` of the findings are all right now."""

    photos: int
    found: int
    repaired: int
    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong any more."""
        return self.found == self.repaired


@options.command(app, "check", CheckOptions)
def check(given: CheckOptions, common: options.Common) -> None:
    """Look whether every original, vector and file is as it should be.

    Exit code 1 if something is wrong and not repaired. --repair does stages again, builds graphs
    again, fetches originals from where they were imported from, and moves files that belong to no
    photo aside. It deletes nothing but thumbnails.
    """
    with common.client() as client:
        report = _watched(client.housekeeping.check(repair=given.repair))
    common.show(report, lambda: _print_report(report))
    if not report.ok:
        raise typer.Exit(1)


def _watched(steps: Iterator[Checked]) -> CheckReport:
    findings: list[Finding] = []
    photos = 0
    with progress.bar("checked") as bar:
        task = bar.add_task("", total=None, counts="")
        for one in steps:
            findings += [one.finding] if one.finding else []
            photos = one.total if one.step == "originals" else photos
            bar.update(
                task,
                description=one.step,
                completed=one.done,
                total=one.total,
                counts=f"{len(findings)} found",
            )
    repaired = sum(finding.repaired for finding in findings)
    return CheckReport(photos, len(findings), repaired, findings)


def _print_report(report: CheckReport) -> None:
    out = console.output()
    rows = console.table("what", "id", "", "repaired")
    for one in report.findings:
        name = one.kind.name.lower().replace("_", " ")
        state = "yes" if one.repaired else "no"
        rows.add_row(name, console.cell(one.id[:12]), console.cell(one.message), state)
    if report.findings:
        out.print(rows)
    left = report.found - report.repaired
    sentence = f"{report.photos} photos looked at: {report.found} things wrong"
    out.print(f"{sentence}, {report.repaired} repaired, {left} left" if report.found else
              f"{report.photos} photos looked at: nothing is wrong")  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class ClearOptions:
    thumbnails: Annotated[
        bool, typer.Option("--thumbnails", help="Only thumbnails; they are made again.")
    ] = False
    analyses: Annotated[
        bool, typer.Option("--analyses", help="Only results of analyses; cluster names stay.")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False


@dataclasses.dataclass(frozen=True, slots=True)
class Deleted:
    """How much was deleted for good."""

    deleted: int


@options.command(app, "clear", ClearOptions)
def clear(given: ClearOptions, common: options.Common) -> None:
    """Delete every photo of the library for good, and all that is known of them; asks first.

    With them go the trash, rejected photos, analyses and names of clusters. The list of imports
    stays, and what a check has moved into the folder orphans.
    """
    if given.thumbnails and given.analyses:
        raise errors.InvalidInput("analyses", "name one of --thumbnails and --analyses")
    with common.client() as client:
        done = Deleted(client.analyses.delete()) if given.analyses else _cleared(client, given)
    common.show(done, lambda: console.output().print(f"{done.deleted} deleted"))


def _cleared(client: Client, given: ClearOptions) -> Deleted:
    """Return how much was deleted, after asking where photos are."""
    scope = Scope.THUMBNAILS if given.thumbnails else Scope.EVERYTHING
    if scope is Scope.EVERYTHING:
        status = client.status()
        what = (
            f"Delete all {status.photos} photos at {client.address} for good, with the trash,"
            " rejected photos, analyses and names of clusters?"
        )
        confirmed(what, yes=given.yes)
    return deleted(client.housekeeping.clear(scope), "clearing")


def confirmed(question: str, *, yes: bool) -> None:
    """Return if a person says yes, or `yes` has been said. Raises Mismatch without one to ask."""
    if yes:
        return
    if not console.can_ask():
        raise errors.Mismatch(f"{question} There is nobody to ask: say so with --yes")
    typer.confirm(question, abort=True, err=True)


def deleted(steps: Iterator[tuple[int, int]], name: str) -> Deleted:
    """Return how much was deleted, after a bar that followed it."""
    done = 0
    with progress.bar("photos") as bar:
        task = bar.add_task(name, total=None, counts="")
        for done, total in steps:
            bar.update(task, completed=done, total=total)
    return Deleted(done)
