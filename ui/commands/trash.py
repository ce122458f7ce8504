"""`semapix trash`: what was removed, back again or gone for good."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from common import errors
from ui import console, finding, naming, options
from ui.client import Client
from ui.commands import housekeeping
from ui.housekeeping import Trashed
from ui.housekeeping_client import PAGE

app = typer.Typer(no_args_is_help=True, help="Photos that were removed and can still come back.")
IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Photo ids, or their first 6 digits or more.", show_default=False),
]


@dataclasses.dataclass(frozen=True, slots=True)
class ListOptions:
    pass


@options.command(app, "list", ListOptions)
def list_trash(_: ListOptions, common: options.Common) -> None:
    """List the photos in the trash."""
    with common.client() as client:
        photos = list(client.housekeeping.trash())
    common.show(photos, lambda: _print(photos))


@dataclasses.dataclass(frozen=True, slots=True)
class RestoreOptions:
    ids: IdsArgument = None
    all: Annotated[bool, typer.Option("--all", help="Every photo in the trash.")] = False


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """What became of one photo that was to come back; `message` is empty where it is back."""

    id: str
    restored: bool
    message: str


@options.command(app, "restore", RestoreOptions)
def restore(given: RestoreOptions, common: options.Common) -> None:
    """Bring photos back from the trash as they were. Exit code 1 if one could not be."""
    with common.client() as client:
        ids = _chosen(client, given.ids or [], every=given.all)
        results = _in_parts(ids, client.housekeeping.restore)
    done = [
        Restored(photo_id, error is None, str(error or ""))
        for photo_id, error in zip(ids, results, strict=True)
    ]
    common.show(done, lambda: _print_restored(done))
    if not all(one.restored for one in done):
        raise typer.Exit(1)


@dataclasses.dataclass(frozen=True, slots=True)
class EmptyOptions:
    ids: IdsArgument = None
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False


@options.command(app, "empty", EmptyOptions)
def empty(given: EmptyOptions, common: options.Common) -> None:
    """Delete what is in the trash for good, or only the photos named; asks first."""
    with common.client() as client:
        ids = _chosen(client, given.ids or [], every=not given.ids)
        housekeeping.confirmed(f"Delete {len(ids)} photos for good?", yes=given.yes)
        parts = [ids[at : at + PAGE] for at in range(0, len(ids), PAGE)]
        count = 0
        for part in parts:
            count += housekeeping.deleted(client.housekeeping.empty(part), "emptying").deleted
    done = housekeeping.Deleted(count)
    common.show(done, lambda: console.output().print(f"{count} photos deleted for good"))


def _chosen(client: Client, given: Sequence[str], *, every: bool) -> list[str]:
    """Return the ids of the photos in the trash that are meant. Raises InvalidInput, NotFound."""
    if bool(given) == every:
        raise errors.InvalidInput("ids", "name photos, or all of them with --all")
    ids = [one.facts.photo_id for one in client.housekeeping.trash()]
    return ids if every else [finding.the_one(ids, text, "semapix trash list") for text in given]


def _in_parts(
    ids: Sequence[str], work: Callable[[Sequence[str]], list[errors.SemapixError | None]]
) -> list[errors.SemapixError | None]:
    return [one for at in range(0, len(ids), PAGE) for one in work(ids[at : at + PAGE])]


def _print(photos: Sequence[Trashed]) -> None:
    rows = console.table("id", "photo", "bytes>", "removed")
    for one in photos:
        facts = one.facts
        name = console.cell(naming.photo(facts))
        size = naming.size(facts.bytes)
        rows.add_row(naming.short_id(facts.photo_id), name, size, naming.date(one.trashed_at_s))
    console.output().print(rows)
    console.output().print(f"{len(photos)} photos in the trash")


def _print_restored(done: Sequence[Restored]) -> None:
    for one in done:
        sentence = one.message or "restored"
        console.output().print(console.cell(f"{naming.short_id(one.id)}: {sentence}"))
