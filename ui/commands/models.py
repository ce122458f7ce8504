"""`semapix models`: which models there are, what `auto` would take; `fetch` downloads one ahead.

Each entry point of the group "semapix.models" is a `Shelf` of models.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from common.model_catalogue import Choice, Listing, Model, Shelf, State, Task
from ui import console, naming, plugins

GROUP = "semapix.models"
MARK = "auto"
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
app = typer.Typer()


@dataclasses.dataclass(frozen=True, slots=True)
class Fetched:
    """A model whose files are here, verified; `path` is "" for one that comes with a package."""

    name: str
    path: str


@app.callback(invoke_without_command=True)
def models(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the models, what they are worth, and what `auto` would take."""
    if ctx.invoked_subcommand:
        return
    listings = [shelf.listing() for shelf in _shelves()]
    if not listings:
        raise typer.Exit(1)
    listing = joined(listings)
    if json:
        console.print_json({"models": listing.models, "auto": listing.choices})
    else:
        _print(listing)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(metavar="ID", help="Name of the model, as listed.")],
    *,
    json: JsonOption = False,
) -> None:
    """Download a model ahead and verify it by its hash."""
    done = fetched(name, _shelves())
    if json:
        console.print_json(done)
        return
    where = f"is at {done.path}" if done.path else "comes with the packages: nothing to fetch"
    console.output().print(console.cell(f"{done.name} {where}"))


def fetched(name: str, shelves: Sequence[Shelf]) -> Fetched:
    """Return where the files of a model are, downloaded if need be. Raises NotFound, Unavailable,
    DataLoss.
    """
    models = [model for shelf in shelves for model in shelf.listing().models]
    if any(model.name == name and model.state is State.EMBEDDED for model in models):
        return Fetched(name, "")
    offering = next((shelf for shelf in shelves if shelf.offers(name)), None)
    if offering is None:
        known = ", ".join(model.name for model in models if model.state is not State.EMBEDDED)
        raise errors.NotFound(f"there is no model {name!r} to fetch; there are {known or 'none'}")
    path: Path = offering.fetch(name)
    return Fetched(name, str(path))


def joined(listings: Sequence[Listing]) -> Listing:
    """Return all models and choices, by task."""
    order = list(Task)
    models = [model for listing in listings for model in listing.models]
    choices = [choice for listing in listings for choice in listing.choices]
    return Listing(
        tuple(sorted(models, key=lambda model: order.index(model.task))),
        tuple(sorted(choices, key=lambda choice: order.index(choice.task))),
    )


def _shelves() -> list[Shelf]:
    points = plugins.found(GROUP).values()
    return [shelf for point in points if (shelf := plugins.loaded(point)) is not None]


def _print(listing: Listing) -> None:
    rows = console.table("model", "for", "is", "dim>", "size>", "licence", "figures", "auto")
    rows.columns[0].no_wrap = True
    taken = {(choice.task, choice.name) for choice in listing.choices}
    for model in listing.models:
        mark = MARK if (model.task, model.name) in taken else ""
        rows.add_row(*map(console.cell, (*_cells(model), mark)))
    console.output().print(rows)
    for choice in listing.choices:
        console.output().print(console.cell(_sentence(choice)))


def _cells(model: Model) -> tuple[str, ...]:
    figures = ", ".join(f"{name} {value:.3f}" for name, value in model.figures.items())
    return (
        model.name,
        model.task.value,
        model.state.value,
        str(model.dimension or ""),
        naming.size(model.size_bytes) if model.size_bytes else "",
        model.licence,
        figures,
    )


def _sentence(choice: Choice) -> str:
    return f"auto takes {choice.name or 'none'} as {choice.task.value}: {choice.reason}"
