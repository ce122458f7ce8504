"""`semapix reindex`: background stages once more, or every sample by another model."""

import dataclasses
from typing import Annotated

import typer

from common.imports import RedoScope
from common.samples import Stage
from ui import console, options
from ui.commands import reembedding
from ui.commands.importing import finish_stages

app = typer.Typer()
STAGES = {stage.name.lower(): stage for stage in (Stage.DETECT, Stage.OCR)}


@dataclasses.dataclass(frozen=True, slots=True)
class ReindexOptions:
    model: Annotated[
        str,
        typer.Option(
            help="Embed all samples anew with this model: mini, a folder, or a cached CLIP.",
            show_default=False,
        ),
    ] = ""
    embedder: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT", help="The same with an embedder that runs.", show_default=False
        ),
    ] = ""
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Drop what was embedded anew so far.")
    ] = False
    stages: Annotated[
        str, typer.Option(help="Stages, by commas: detect, ocr (both).", show_default=False)
    ] = ""
    missing: Annotated[
        bool, typer.Option("--missing", help="Only photos that lack the stage (the default).")
    ] = False
    failed: Annotated[
        bool, typer.Option("--failed", help="Also photos on which it could not be done.")
    ] = False
    model_changed: Annotated[
        bool, typer.Option("--model-changed", help="Also photos done by another model, or failed.")
    ] = False
    all: Annotated[bool, typer.Option("--all", help="All photos.")] = False
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Leave the work to the background.")
    ] = False
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds without progress before giving up.")
    ] = 120.0


@options.command(app, "reindex", ReindexOptions)
def reindex(given: ReindexOptions, common: options.Common) -> None:
    """Look for objects and texts again, or embed every sample with another model (--model).

    Photos keep what they have until the new is there. Ctrl-C stops waiting, not the work;
    `semapix status` shows how far it is.
    """
    if given.model or given.embedder or given.cancel:
        _embed_anew(given, common)
        return
    stages, scope = stages_of(given.stages or ",".join(STAGES)), scope_of(given)
    with common.client() as client:
        pending = client.imports.reindex(stages, scope)
        if any(pending.values()) and not given.no_wait:
            finish_stages(client, given.patience)
    named = {stage.name.lower(): count for stage, count in pending.items()}
    shown = ", ".join(f"{name} {count}" for name, count in named.items())
    common.show({"photos": named}, lambda: console.output().print(f"photos to do: {shown}"))


def _embed_anew(given: ReindexOptions, common: options.Common) -> None:
    scopes = (given.missing, given.failed, given.model_changed, given.all, given.stages)
    if any(scopes) or sum(map(bool, (given.model, given.embedder, given.cancel))) > 1:
        raise typer.BadParameter("only one of --model, --embedder, --cancel, and no stages with it")
    wait = not given.no_wait
    if given.cancel:
        report = reembedding.cancel(common)
    elif given.model:
        report = reembedding.with_model(given.model, common, wait=wait)
    else:
        report = reembedding.with_embedder(given.embedder, common, wait=wait)
    common.show(report, lambda: console.output().print(console.cell(report.message)))


def stages_of(text: str) -> list[Stage]:
    """Return the stages of "detect,ocr". Raises BadParameter, listing those there are."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in STAGES]
    if unknown or not names:
        raise typer.BadParameter(f"{text!r} are not stages: {', '.join(STAGES)}")
    return [STAGES[name] for name in names]


def scope_of(given: ReindexOptions) -> RedoScope:
    """Return the photos that are meant. Raises BadParameter for two answers."""
    chosen = [
        scope
        for scope, wanted in (
            (RedoScope.MISSING, given.missing),
            (RedoScope.FAILED, given.failed),
            (RedoScope.MODEL_CHANGED, given.model_changed),
            (RedoScope.ALL, given.all),
        )
        if wanted
    ]
    if len(chosen) > 1:
        raise typer.BadParameter("only one of --missing, --failed, --model-changed, --all")
    return chosen[0] if chosen else RedoScope.MISSING
