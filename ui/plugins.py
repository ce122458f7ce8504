"""Subcommands that other packages register: found by name, loaded when called."""

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
        return [*own, *(name for name in sorted(_found()) if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        point = _found().get(cmd_name)
        return own or (_placeholder(point) if point else None)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, rest = args[0], args[1:]
        point = _found().get(name)
        if point is None or super().get_command(ctx, name):
            return super().resolve_command(ctx, args)
        return name, _loaded(point), rest


def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _placeholder(point: EntryPoint) -> Any:
    """Return a command that stands in a list without its module being imported."""
    source = point.dist.name if point.dist else point.module
    app = typer.Typer()
    app.command(point.name, help=f"From {source} ({point.module}).")(lambda: None)
    return typer.main.get_command(app)


def _loaded(point: EntryPoint) -> Any:
    try:
        app = point.load()
        return typer.main.get_command(app)
    except Exception as error:  # whatever a stranger's module raises, the house stands
        console.complain(f"warning: command {point.name} ({point.value}) cannot be loaded: {error}")
        raise typer.Exit(1) from error
