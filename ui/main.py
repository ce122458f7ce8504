"""The `semapix` command: its subcommands together, and what happens when one fails."""

import sys

import typer

from common import errors
from ui import console
from ui.commands import (
    analyses,
    clusters,
    copies,
    duplicates,
    exporting,
    finetuning,
    housekeeping,
    importing,
    imports,
    models,
    photos,
    reindexing,
    rejected,
    reporting,
    searching,
    status,
    trash,
    up,
)
from ui.plugins import PluginGroup

app = typer.Typer(
    cls=PluginGroup,
    help="Find structure in unsorted photo collections from what the pictures show.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for part in (
    up,
    importing,
    rejected,
    reindexing,
    searching,
    photos,
    status,
    analyses,
    copies,
    exporting,
    housekeeping,
    finetuning,
):
    app.add_typer(part.app)
app.add_typer(clusters.app, name="clusters")
app.add_typer(duplicates.app, name="duplicates")
app.add_typer(imports.app, name="imports")
app.add_typer(models.app, name="models")
app.add_typer(trash.app, name="trash")
app.add_typer(reporting.app, name="evaluate")


def main() -> None:
    """Run one command. Exit codes: 0 all well, 1 something failed, 2 wrong usage."""
    try:
        app()
    except (errors.SemapixError, OSError) as error:
        console.complain(f"semapix: {console.sentence(error)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
