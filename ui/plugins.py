"""What other packages register by an entry point: found by name, loaded when it is used."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from ui import console

GROUP = "semapix.commands"


class PluginGroup(TyperGroup):
    """The commands of `semapix` and those of the entry-point group "semapix.commands".

    A plugin is imported only when it is called: listing commands must not load torch. One that
    cannot be loaded is a warning and exit code 1, and the other commands do not notice.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return [*own, *(name for name in sorted(found(GROUP)) if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        point = found(GROUP).get(cmd_name)
        return own or (_placeholder(point) if point else None)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, rest = args[0], args[1:]
        point = found(GROUP).get(name)
        if point is None or super().get_command(ctx, name):
            return super().resolve_command(ctx, args)
        return name, typer.main.get_command(required(point)), rest


def found(group: str) -> dict[str, EntryPoint]:
    """Return what is registered in a group, by name; nothing is imported."""
    return {point.name: point for point in entry_points(group=group)}


def loaded(point: EntryPoint) -> Any:
    """Return what an entry point names, None with a warning where it cannot be loaded."""
    try:
        return point.load()
    except Exception as error:  # whatever a stranger's module raises, the house stands
        console.complain(f"warning: {point.name} ({point.value}) cannot be loaded: {error}")
        if isinstance(error, ModuleNotFoundError) and point.dist and point.extras:
            wanted = f"{point.dist.name}[{','.join(point.extras)}]"
            console.complain(f"its packages come with: pip install '{wanted}'")
        return None


def required(point: EntryPoint) -> Any:
    """Return what an entry point names. Raises Exit(1) after the warning."""
    wanted = loaded(point)
    if wanted is None:
        raise typer.Exit(1)
    return wanted


def _placeholder(point: EntryPoint) -> Any:
    """Return a command that stands in a list without its module being imported."""
    source = point.dist.name if point.dist else point.module
    app = typer.Typer()
    app.command(point.name, help=f"From {source} ({point.module}).")(lambda: None)
    return typer.main.get_command(app)
