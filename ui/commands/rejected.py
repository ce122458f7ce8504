"""`semapix rejected`: photos that could not be imported, another try, or off the list."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from ui import console, options
from ui.answers import FileSource, Imported, Outcome
from ui.client import Client
from ui.import_client import RejectedPhoto

app = typer.Typer()
MOST = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class RejectedOptions:
    numbers: Annotated[
        list[int], typer.Argument(help="Only these, as listed; none is all.", show_default=False)
    ] = dataclasses.field(default_factory=list)
    retry: Annotated[bool, typer.Option("--retry", help="Import them once more.")] = False
    forget: Annotated[bool, typer.Option("--forget", help="Take them off the list.")] = False
    of: Annotated[str, typer.Option("--import", metavar="ID", help="Only those of an import.")] = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Retried:
    """How another try ended; `why` is empty where the photo is in now."""

    source: str
    outcome: Outcome
    why: str


@options.command(app, "rejected", RejectedOptions)
def rejected(given: RejectedOptions, common: options.Common) -> None:
    """List photos that were rejected and not imported since, with the reasons.

    --retry imports them from the bytes that were kept, or else from where they came from. Those
    that succeed leave the list. Exit code 1 if one of them is still not in.
    """
    if given.retry and given.forget:
        raise typer.BadParameter("either --retry or --forget")
    with common.client() as client:
        found = _chosen(client, given)
        if given.retry:
            _show_retried(retried(client, found), common)
        elif given.forget:
            count = _forgotten(client, found)
            common.show(
                {"forgotten": count},
                lambda: console.output().print(f"{count} rejected photos forgotten"),
            )
        else:
            common.show(found, lambda: _print(found))


def _chosen(client: Client, given: RejectedOptions) -> list[RejectedPhoto]:
    """Return what is meant. Raises NotFound for a number that is not on the list."""
    listed = {one.rejection.rejection_id: one for one in client.imports.rejected(given.of)}
    for number in given.numbers:
        if number not in listed:
            raise errors.NotFound(f"nothing rejected has the number {number}")
    return [listed[number] for number in given.numbers or listed]


def retried(client: Client, found: Sequence[RejectedPhoto]) -> list[Retried]:
    """Import rejected photos once more; return how each try ended."""
    kept = {one.rejection.rejection_id: one for one in found if one.kept}
    results = []
    for at in range(0, len(kept), MOST):
        for number, outcome in client.imports.retry(list(kept)[at : at + MOST]):
            results.append(_retried(kept[number].rejection.source, outcome))
    left = [one for one in found if not one.kept]
    return results + [_sent_again(client, one) for one in left]


def _sent_again(client: Client, one: RejectedPhoto) -> Retried:
    source = FileSource(Path(one.rejection.source))
    if not source.path.is_absolute() or not source.path.is_file():
        why = "its bytes were not kept, and the file is not here: import it again"
        return Retried(source.name, Outcome.UNREADABLE, why)
    (outcome,) = client.import_photos([source])
    return _retried(source.name, outcome)


def _retried(source: str, outcome: Imported | errors.SemapixError) -> Retried:
    if isinstance(outcome, errors.SemapixError):
        return Retried(source, Outcome.FAILED, str(outcome))
    return Retried(source, outcome.outcome, outcome.message)


def _show_retried(results: Sequence[Retried], common: options.Common) -> None:
    good = (Outcome.ADDED, Outcome.DUPLICATE)
    common.show(list(results), lambda: _print_retried(results))
    if any(one.outcome not in good for one in results):
        raise typer.Exit(1)


def _print_retried(results: Sequence[Retried]) -> None:
    rows = console.table("photo", "outcome", "why")
    for one in results:
        rows.add_row(console.cell(one.source), one.outcome.name.lower(), console.cell(one.why))
    console.output().print(rows)


def _forgotten(client: Client, found: Sequence[RejectedPhoto]) -> int:
    numbers = [one.rejection.rejection_id for one in found]
    parts = (numbers[at : at + MOST] for at in range(0, len(numbers), MOST))
    return sum(client.imports.forget(part) for part in parts)


def _print(found: Sequence[RejectedPhoto]) -> None:
    if not found:
        console.output().print("nothing is rejected")
        return
    rows = console.table("number", "photo", "reason", "why", "kept")
    for one in found:
        rows.add_row(
            str(one.rejection.rejection_id),
            console.cell(one.rejection.source),
            one.rejection.reason.name.lower(),
            console.cell(one.rejection.message),
            "yes" if one.kept else "no",
        )
    console.output().print(rows)
