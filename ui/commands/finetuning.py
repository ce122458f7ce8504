"""`semapix finetune`: teach an encoder the names of your persons, places and things."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from common.finetunings import (
    RATES,
    Finetuning,
    Mode,
    Outcome,
    Plan,
    Point,
    Request,
    Selection,
)
from ui import console, options, plugins, progress

GROUP, NAME = "semapix.finetune", "encoder"
app = typer.Typer()
_PLAN, _SELECTION = Plan(), Selection()


@dataclasses.dataclass(frozen=True, slots=True)
class FinetuneOptions:
    photos: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, help="Folder with a folder per name."),
    ]
    out: Annotated[
        Path,
        typer.Argument(file_okay=False, help="Folder to write the model to, or to go on in."),
    ]
    background: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder with images/ and captions.json: what must not be forgotten.",
            show_default=False,
        ),
    ] = None
    model: Annotated[
        str, typer.Option(help="Model to start from; by default the one of the settings.")
    ] = ""
    mode: Annotated[Mode, typer.Option(help="Which weights learn.")] = _PLAN.mode
    epochs: Annotated[int, typer.Option(min=1, help="Rounds over the photos.")] = _PLAN.epochs
    batch: Annotated[int, typer.Option(min=2, help="Pictures of a step.")] = _PLAN.batch
    accumulate: Annotated[
        int, typer.Option(min=1, help="Pieces that a step is computed in, to save memory.")
    ] = _PLAN.accumulate
    mix: Annotated[
        float, typer.Option(min=0, help="Background pictures per picture of a name.")
    ] = _PLAN.background
    rate: Annotated[
        float | None,
        typer.Option(min=0, help="Learning rate; by default that of the mode.", show_default=False),
    ] = None
    tolerance: Annotated[
        float, typer.Option(min=0, help="How much the background's loss may rise while it learns.")
    ] = _PLAN.tolerance
    cost: Annotated[
        float, typer.Option(min=0, help="And in the end: only so much of what was learnt is kept.")
    ] = _PLAN.cost
    least: Annotated[int, typer.Option(min=2, help="Leave out names with fewer photos.")] = (
        _SELECTION.least
    )
    most: Annotated[int, typer.Option(min=0, help="Photos of a name to use at most; 0: all.")] = (
        _SELECTION.most
    )
    only: Annotated[
        str, typer.Option(metavar="A,B", help="These names alone.", show_default=False)
    ] = ""
    shuffle: Annotated[
        bool, typer.Option("--shuffle", help="Give each person another's name, to measure with.")
    ] = False
    held_out: Annotated[
        float, typer.Option(min=0.01, max=0.9, help="Share of each name's photos to measure with.")
    ] = 0.2
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.", show_default=False)] = ""
    seed: Annotated[int, typer.Option(help="Decides everything that is drawn.")] = 0
    json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False

    def request(self) -> Request:
        """Return what is asked of the encoder's package."""
        only = tuple(filter(None, map(str.strip, self.only.split(","))))
        return Request(
            photos=self.photos,
            out=self.out,
            background=self.background,
            model=self.model,
            device=self.device,
            held_out=self.held_out,
            selection=Selection(self.least, self.most, only, self.shuffle, self.seed),
            plan=Plan(
                mode=self.mode,
                epochs=self.epochs,
                batch=self.batch,
                accumulate=self.accumulate,
                background=self.mix if self.background else 0.0,
                rate=RATES[self.mode] if self.rate is None else self.rate,
                tolerance=self.tolerance,
                cost=self.cost,
                seed=self.seed,
            ),
        )


@options.plain_command(app, "finetune", FinetuneOptions)
def finetune(given: FinetuneOptions) -> None:
    """Teach an encoder the names of your persons, places and things."""
    run(plugins.required(plugins.found(GROUP)[NAME]), given)


def run(finetuning: Finetuning, given: FinetuneOptions) -> None:
    """Train, with the figures of each evaluation on standard error; print before and after."""
    outcome = _watched(finetuning, given.request())
    for sentence in outcome.warnings:
        console.complain(sentence)
    if given.json:
        console.print_json(outcome)
    else:
        _print(outcome)


def _watched(finetuning: Finetuning, request: Request) -> Outcome:
    bar = progress.bar("steps")
    task = bar.add_task("finetune", counts="")

    def watch(done: int, total: int, point: Point | None) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)
        if point:
            bar.console.print(line(point), highlight=False)

    try:
        return finetuning(request, watch)
    finally:
        if bar.live.is_started:
            bar.stop()


def line(point: Point) -> str:
    """Return the figures of one evaluation for a person."""
    names = f"step {point.step}: names found {point.hits:.0%}, loss {point.target_loss:.3f}"
    if point.kept is None:
        return names
    return f"{names}; background found {point.kept:.0%}, loss {point.background_loss:.3f}"


def _print(outcome: Outcome) -> None:
    rows = console.table("on held-out photos", "before>", "after>")
    before, after = dataclasses.asdict(outcome.before), dataclasses.asdict(outcome.after)
    for name, value in before.items():
        if name != "fingerprint" and value is not None:
            cells = name.replace("_", " "), f"{value:.3f}", f"{after[name]:.3f}"
            rows.add_row(*map(console.cell, cells))
    console.output().print(rows)
    if outcome.share < 1:
        kept = f"{outcome.share:.0%} of what was learnt is kept: as much as the background bears"
        console.output().print(kept, highlight=False)
    console.output().print(f"Use it with: semapix up --model {outcome.folder}", highlight=False)
