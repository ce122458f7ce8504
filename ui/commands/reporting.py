"""`semapix evaluate report`: a page on what an encoder sees in the photos of some folders."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from common.evaluations import Wanted
from ui import options, plugins
from ui.commands import evaluating

GROUP, NAME = "semapix.report", "report"
app = evaluating.app


@dataclasses.dataclass(frozen=True, slots=True)
class ReportOptions:
    folders: Annotated[
        list[Path],
        typer.Argument(
            exists=True,
            file_okay=False,
            help="Labelled photos, and the folder of a fine-tuned model, in any order.",
        ),
    ]
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder to write to.")] = Path(
        "semapix-report"
    )
    model: Annotated[
        str, typer.Option(help="Model, as the setting has it; by default the one of the settings.")
    ] = ""
    first: Annotated[
        int, typer.Option(min=0, help="Only so many photos of each kind, from the start; 0: all.")
    ] = 0
    json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False


@options.plain_command(app, NAME, ReportOptions)
def report(given: ReportOptions) -> None:
    """Write a page on what an encoder sees: the figures of the thesis, on your photos."""
    reporting = plugins.required(plugins.found(GROUP)[NAME])
    wanted = Wanted(tuple(given.folders), given.out, given.model, given.first)
    evaluating.show(evaluating.watched(lambda told: reporting(wanted, told)), json=given.json)
