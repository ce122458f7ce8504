"""`semapix evaluate`: how good the models are over folders of labelled photos.

Each entry point of the group "semapix.evaluate" is an `Evaluation` and becomes a subcommand.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table
from typer.core import TyperGroup

from common.evaluations import Evaluation, Exam, Progress
from ui import console, options, plugins, progress

GROUP = "semapix.evaluate"
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What every evaluation understands."""

    folder: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, help="Folder with images/ and its labels."),
    ]
    model: Annotated[
        str, typer.Option(help="Model, as the setting has it; by default the one of the settings.")
    ] = ""
    first: Annotated[
        int, typer.Option(min=0, help="Only so many photos, from the start; 0: all.")
    ] = 0
    json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False


class EvaluationGroup(TyperGroup):
    """Own subcommands, and one for each registered evaluation, imported only when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted({*super().list_commands(ctx), *plugins.found(GROUP)})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        point = plugins.found(GROUP).get(cmd_name)
        return super().get_command(ctx, cmd_name) or (_command(point) if point else None)


app = typer.Typer(
    cls=EvaluationGroup,
    no_args_is_help=True,
    help="Measure a model over a folder of labelled photos.",
)


def _command(point: EntryPoint) -> Any:
    made = typer.Typer(add_completion=False)

    def evaluate(given: EvaluateOptions) -> None:
        run(plugins.required(point), given)

    evaluate.__doc__ = f"Measure the {point.name} over a folder of labelled photos."
    options.plain_command(made, point.name, EvaluateOptions)(evaluate)
    return typer.main.get_command(made)


def run(evaluation: Evaluation, given: EvaluateOptions) -> None:
    """Print what the evaluation returns; its progress goes to standard error."""
    exam = Exam(given.folder, given.model, given.first)
    show(watched(lambda told: evaluation(exam, told)), json=given.json)


def show(sheet: object, *, json: bool) -> None:
    """Print a sheet of figures, as JSON or for a person."""
    if json:
        console.print_json(sheet)
        return
    rows = console.table("measure", "value>")
    figures = console.plain(sheet)
    for name, value in lines(figures):
        rows.add_row(console.cell(name), console.cell(value))
    for records in figures.values():
        if records and isinstance(records, list) and isinstance(records[0], Mapping):
            console.output().print(_records(records))
    console.output().print(rows)


def _records(records: Sequence[Mapping[str, Any]]) -> Table:
    """Return a table with a line per record; a name without figures is a column of words."""
    first = records[0]
    numbers = [name for name, value in first.items() if not isinstance(value, str)]
    table = console.table(*(f"{name}>" if name in numbers else name for name in first))
    for record in records:
        table.add_row(*(console.cell("-" if v is None else v) for v in record.values()))
    return table


def watched(measure: Callable[[Progress], T]) -> T:
    """Return what it returns; the bar appears with the first step that is done."""
    bar = progress.bar("")
    task = bar.add_task("evaluate", counts="")

    def watch(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        return measure(watch)
    finally:
        if bar.live.is_started:
            bar.stop()


def lines(figures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and value of each figure; those of a mapping carry its name before theirs.

    Lists of records have a table of their own; words in a list stand in one line.
    """
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from lines(value, f"{before}{name} ")
        elif not isinstance(value, list):
            yield f"{before}{name}", "none" if value is None else str(value)
        elif all(isinstance(each, str) for each in value):
            yield f"{before}{name}", "; ".join(value) or "none"
