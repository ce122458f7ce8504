"""`semapix map`, and what commands that analyse a whole library share."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from ui import console, naming, options, progress, saving
from ui.analyses import (
    Analysis,
    AnalysisState,
    MapParameters,
    Parameters,
    PhotoMap,
)
from ui.client import Client

app = typer.Typer()
KindsOption = Annotated[
    str, typer.Option(help="Samples of which kinds, as person,animal; by default whole photos.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Run again even if a result is kept.")]


@dataclasses.dataclass(frozen=True, slots=True)
class MapOptions:
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Web page to write; it needs no network.")
    ] = None
    dimensions: Annotated[int, typer.Option(min=2, max=3)] = 3
    perplexity: Annotated[float, typer.Option(min=0, max=500, help="0: default.")] = 0.0
    iterations: Annotated[int, typer.Option(min=0, max=10_000, help="0: default.")] = 0
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same map.")] = 0
    pca: Annotated[bool, typer.Option("--pca", help="Principal axes alone: fast.")] = False
    kinds: KindsOption = ""
    kept: Annotated[
        bool, typer.Option("--kept", help="The newest map there is, what came since placed in it.")
    ] = False
    force: ForceOption = False


@options.command(app, "map", MapOptions)
def photo_map(given: MapOptions, common: options.Common) -> None:
    """Lay samples out so that like ones lie together (t-SNE), as JSON or as a web page (--out)."""
    parameters = MapParameters(
        given.dimensions, given.perplexity, given.iterations, given.seed, given.pca
    )
    with common.client() as client:
        done = (
            newest(client, MapParameters, kinds=given.kinds)
            if given.kept
            else finished(client, parameters, kinds=given.kinds, force=given.force)
        )
        found = client.analyses.map(done.analysis_id)
        if given.out:
            called = names(client, [point.sample.photo_id for point in found.points])
            saving.write_pieces(given.out, [_page(found, called)])
    common.show(found, lambda: _print_map(found, given.out))


def newest(client: Client, kind: type[Parameters], *, kinds: str = "") -> Analysis:
    """Return the newest analysis that succeeded, of `kinds` if any are named. Raises NotFound."""
    wanted = set(options.kinds(kinds))
    for job in client.analyses.list():
        fits = not wanted or set(job.kinds) == wanted
        if fits and isinstance(job.parameters, kind) and job.state is AnalysisState.SUCCEEDED:
            return job
    raise errors.NotFound("there is none that is kept: leave --kept out")


def finished(client: Client, parameters: Parameters, *, kinds: str = "", force: bool) -> Analysis:
    """Start the job, show how far it is, and return it when it is over; Ctrl-C cancels it.

    Raises SemapixError, saying why, if it did not succeed.
    """
    job = client.analyses.start(parameters, kinds=options.kinds(kinds), force=force)
    with progress.bar("%") as bar, _ended_by_ctrl_c(client, job.analysis_id):
        task = bar.add_task(job.step or "waiting", total=100, counts="")
        for seen in client.analyses.watch(job.analysis_id):
            job = seen
            bar.update(task, completed=round(100 * job.progress), description=job.step or "done")
    if job.state is not AnalysisState.SUCCEEDED:
        why = job.error or f"it ended as {job.state.name.lower()}"
        raise errors.SemapixError(f"the analysis did not succeed: {why}")
    return job


@contextlib.contextmanager
def _ended_by_ctrl_c(client: Client, analysis_id: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        client.analyses.cancel(analysis_id)
        raise


def names(client: Client, photo_ids: list[str]) -> dict[str, str]:
    """Return what to call each photo; one that was removed since keeps its id."""
    ids = sorted(set(photo_ids))
    called = {photo_id: naming.short_id(photo_id) for photo_id in ids}
    for at in range(0, len(ids), 1000):
        for photo in client.photos(ids[at : at + 1000]):
            if not isinstance(photo, errors.SemapixError):
                called[photo.facts.photo_id] = naming.photo(photo.facts)
    return called


def _page(found: PhotoMap, names: dict[str, str]) -> bytes:
    from ui import plotting  # a second to import, and only this command draws

    return plotting.page(found, names).encode()


def _print_map(found: PhotoMap, out: Path | None) -> None:
    where = f"; see {out}" if out else "; --out map.html makes a page, --json prints them"
    new = sum(point.approximate for point in found.points)
    placed = f", {new} of them new and placed by their neighbours" if new else ""
    sentence = f"{len(found.points)} points{placed}{age(found.analysis)}{where}"
    console.output().print(console.cell(sentence))


def age(analysis: Analysis) -> str:
    """Return how far the library has moved on, in brackets; "" if it has not."""
    if not analysis.stale:
        return ""
    changes = f": {analysis.added} samples came, {analysis.removed} went"
    told = changes if analysis.added or analysis.removed else ""
    return f" (the library has changed since{told}; --force runs it again)"
