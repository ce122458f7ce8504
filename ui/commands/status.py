"""`semapix status`: is all well, how much is there, what is still to be done."""

import dataclasses

import typer

from ui import console, naming, options
from ui.answers import Status

app = typer.Typer()


@dataclasses.dataclass(frozen=True, slots=True)
class StatusOptions:
    pass


@options.command(app, "status", StatusOptions)
def status(_: StatusOptions, common: options.Common) -> None:
    """Show the health of every service, counts, and what is still to be done."""
    with common.client() as client:
        state = client.status()
    common.show(state, lambda: _print(state))


def _print(state: Status) -> None:
    out = console.output()
    rows = console.table("service", "state", "models")
    for service in state.services:
        rows.add_row(
            service.name,
            console.cell("serving", "green") if service.serving else console.cell("down", "red"),
            console.cell(", ".join(service.models) or service.message),
        )
    out.print(rows)
    if not state.counted:
        out.print("\nthe index does not answer: counts are not known")
        _notices(state)
        return
    size = naming.size(state.original_bytes)
    out.print(f"\n{state.photos} photos, {size}, revision {state.revision}")
    for title, counts in (
        ("samples", state.samples),
        ("still to do", state.pending),
        ("could not be done", state.failed),
    ):
        named = ", ".join(f"{kind.name.lower()} {n}" for kind, n in counts.items() if n)
        out.print(f"{title}: {named or 'none'}")
    for stage, speed in state.speeds.items():
        out.print(
            f"{stage.name.lower()}: {speed.photos_per_s:.2f} photos/s, "
            f"{naming.duration(speed.remaining_s)} to go"
        )
    _notices(state)


def _notices(state: Status) -> None:
    for notice in state.notices:
        console.output().print(console.cell(notice, "yellow"))
