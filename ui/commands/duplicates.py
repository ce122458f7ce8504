"""`semapix duplicates`: photos there are twice, which of them to keep, and the others removed."""

import dataclasses
from enum import StrEnum
from typing import Annotated

import typer

from ui import console, finding, naming, options
from ui.analyses import DuplicateKind, DuplicateParameters
from ui.client import Client
from ui.commands import analyses, housekeeping
from ui.commands.photos import Removal
from ui.duplicates import Found, named

app = typer.Typer(help="Find photos there are twice; remove all but the best of each.")
SHOWN_GROUPS, SHOWN_PHOTOS = 30, 6
DEFAULT_DISTANCE, MOST_DISTANCE = 4, 16


class KindChoice(StrEnum):
    """How much the photos of a group are the same."""

    EXACT = "exact"
    NEAR = "near"
    SEMANTIC = "semantic"


KindOption = Annotated[
    KindChoice,
    typer.Option(help="exact: the same picture; near: looks the same; semantic: shows the same."),
]
DistanceOption = Annotated[
    int, typer.Option(min=0, max=MOST_DISTANCE, help="near: bits of 64 in which hashes may differ.")
]
CosineOption = Annotated[
    float, typer.Option(min=0, max=1, help="semantic: least cosine of two photos; 0: default.")
]


@dataclasses.dataclass(frozen=True, slots=True)
class DuplicateOptions:
    kind: KindOption = KindChoice.NEAR
    distance: DistanceOption = DEFAULT_DISTANCE
    min_cosine: CosineOption = 0.0
    force: analyses.ForceOption = False


@options.group_command(app, DuplicateOptions)
def duplicates(given: DuplicateOptions, common: options.Common) -> None:
    """Find photos there are twice, and say which of each group is the best and why.

    Nothing is removed: `semapix duplicates remove` does that.
    """
    with common.client() as client:
        made = found(client, given)
    common.show(made, lambda: _print(made))


class Keep(StrEnum):
    """Which photo of a group stays."""

    BEST = "best"


@dataclasses.dataclass(frozen=True, slots=True)
class RemoveOptions(DuplicateOptions):
    keep: Annotated[Keep, typer.Option(help="Which photo of each group stays.")] = Keep.BEST
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False


@options.command(app, "remove", RemoveOptions)
def remove(given: RemoveOptions, common: options.Common) -> None:
    """Move all but the best photo of each group into the trash; asks first.

    Photos that look like the best only by way of others stay. Exit code 1 if one could not be
    moved. `semapix trash restore` brings them back.
    """
    with common.client() as client:
        made = found(client, given)
        ids = [photo_id for group in made.groups for photo_id in group.others()]
        if ids:
            question = f"Move {len(ids)} of the photos in {len(made.groups)} groups to the trash?"
            if not common.json:
                _print(made)
            housekeeping.confirmed(question, yes=given.yes)
        results = finding.removed(client, ids)
    pairs = zip(ids, results, strict=True)
    removals = [Removal(one, error is None, str(error or "")) for one, error in pairs]
    common.show(removals, lambda: _print_removals(removals))
    if not all(removal.removed for removal in removals):
        raise typer.Exit(1)


def found(client: Client, given: DuplicateOptions) -> Found:
    """Return the groups of the kind that is asked for."""
    parameters = DuplicateParameters(
        DuplicateKind[given.kind.name], given.min_cosine, given.distance
    )
    done = analyses.finished(client, parameters, force=given.force)
    return named(client, client.analyses.duplicates(done.analysis_id))


def _print(found: Found) -> None:
    rows = console.table("photos>", "best", "because", "others")
    for group in found.groups[:SHOWN_GROUPS]:
        best, *others = (f"{one.name} ({naming.short_id(one.photo_id)})" for one in group.photos)
        more = ["..."] if len(others) > SHOWN_PHOTOS else []
        shown = ", ".join([*others[:SHOWN_PHOTOS], *more])
        rows.add_row(str(len(group.photos)), console.cell(best), group.why, console.cell(shown))
    console.output().print(rows)
    console.output().print(_sentence(found))


def _sentence(found: Found) -> str:
    told = f"{len(found.groups)} {found.kind} groups among {found.photos} photos"
    if found.not_compared:
        told += f"; {found.not_compared} have no hash that tells anything and were not compared"
    if found.stale:
        told += " (the library has changed since; --force runs it again)"
    return told


def _print_removals(removals: list[Removal]) -> None:
    for removal in removals:
        if removal.message:
            console.complain(f"{naming.short_id(removal.id)}: {removal.message}")
    count = sum(removal.removed for removal in removals)
    console.output().print(f"{count} photos moved to the trash")
