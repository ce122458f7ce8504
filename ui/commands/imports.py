"""`semapix imports`: what was imported when, and how far it is; pause, resume, cancel."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ui import console, naming, options
from ui.import_client import ImportClient, ImportProgress

app = typer.Typer()
GatewayOption = Annotated[
    str, typer.Option(help="Address of the gateway, host:port.", show_default=False)
]
LibraryOption = Annotated[
    Path | None, typer.Option(help="Library whose `semapix up` to ask.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Import, as listed.")]


@app.callback(invoke_without_command=True)
def imports(
    ctx: typer.Context,
    *,
    gateway: GatewayOption = "",
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """List the newest imports: state, counts, speed and the time that remains."""
    if ctx.invoked_subcommand:
        return
    common = options.Common(gateway, library, json)
    with common.client() as client:
        found = client.imports.list()
    common.show(found, lambda: _print(found))


@app.command()
def pause(
    import_id: IdArgument,
    *,
    gateway: GatewayOption = "",
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Hold an import; photos under way are finished."""
    _change(options.Common(gateway, library, json), lambda client: client.pause(import_id))


@app.command()
def resume(
    import_id: IdArgument,
    *,
    gateway: GatewayOption = "",
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Let an import go on after a pause."""
    _change(options.Common(gateway, library, json), lambda client: client.resume(import_id))


@app.command()
def cancel(
    import_id: IdArgument,
    *,
    gateway: GatewayOption = "",
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """End an import; what is in stays in."""
    _change(options.Common(gateway, library, json), lambda client: client.cancel(import_id))


def _change(common: options.Common, change: Callable[[ImportClient], ImportProgress]) -> None:
    with common.client() as client:
        found = change(client.imports)
    common.show(found, lambda: _print([found]))


def _print(found: list[ImportProgress]) -> None:
    rows = console.table("import", "begun", "state", "added", "dup.", "rej.", "failed", "to go")
    for one in found:
        record = one.record
        begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created_at_s))
        rows.add_row(
            record.import_id,
            begun,
            record.state.name.lower(),
            *map(str, (record.added, record.duplicate, record.rejected, record.failed)),
            console.cell(to_go(one)),
        )
    console.output().print(rows)


def to_go(one: ImportProgress) -> str:
    """Return photos to go, speed and time, as far as they are known."""
    left = max(one.record.total - one.record.settled, 0)
    parts = [f"{left} photos"] if one.record.total and left else []
    if one.photos_per_s:
        parts.append(f"{one.photos_per_s:.1f}/s")
    if one.remaining_s:
        parts.append(naming.duration(one.remaining_s))
    return ", ".join(parts)
