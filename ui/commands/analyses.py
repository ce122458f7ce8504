"""`semapix clusters`, `map`: the structure of a whole library."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from ui import console, naming, options, progress, saving
from ui.analyses import (
    Analysis,
    AnalysisState,
    Clustering,
    ClusterParameters,
    MapParameters,
    Parameters,
    PhotoMap,
)
from ui.client import Client

app = typer.Typer()
SHOWN_ROWS, SHOWN_NAMES = 30, 4
KindsOption = Annotated[
    str, typer.Option(help="Samples of which kinds, as person,animal; by default whole photos.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Run again even if a result is kept.")]


@dataclasses.dataclass(frozen=True, slots=True)
class ClusterOptions:
    eps: Annotated[
        float, typer.Option(min=0, max=2, help="Cosine distance of neighbours; 0: default.")
    ] = 0.0
    min_samples: Annotated[
        int, typer.Option(min=0, help="Samples that make a core; 0: default.")
    ] = 0
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Take the eps that the vectors suggest.")
    ] = False
    kinds: KindsOption = ""
    force: ForceOption = False


@options.command(app, "clusters", ClusterOptions)
def clusters(given: ClusterOptions, common: options.Common) -> None:
    """Group samples that look alike (DBSCAN)."""
    parameters = ClusterParameters(given.eps, given.min_samples, given.suggest)
    with common.client() as client:
        done = finished(client, parameters, kinds=given.kinds, force=given.force)
        found = client.analyses.clusters(done.analysis_id)
        common.show(found, lambda: _print_clusters(found, client))


@dataclasses.dataclass(frozen=True, slots=True)
class MapOptions:
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Web page to write; it needs no network.")
    ] = None
    dimensions: Annotated[int, typer.Option(min=2, max=3)] = 3
    perplexity: Annotated[float, typer.Option(min=0, max=500, help="0: default.")] = 0.0
    pca: Annotated[bool, typer.Option("--pca", help="Principal axes alone: fast.")] = False
    kinds: KindsOption = ""
    force: ForceOption = False


@options.command(app, "map", MapOptions)
def photo_map(given: MapOptions, common: options.Common) -> None:
    """Lay samples out so that like ones lie together (t-SNE), as JSON or as a web page (--out)."""
    parameters = MapParameters(
        dimensions=given.dimensions, perplexity=given.perplexity, pca_only=given.pca
    )
    with common.client() as client:
        done = finished(client, parameters, kinds=given.kinds, force=given.force)
        found = client.analyses.map(done.analysis_id)
        if given.out:
            names = _names(client, [point.sample.photo_id for point in found.points])
            saving.write_pieces(given.out, [_page(found, names)])
    common.show(found, lambda: _print_map(found, given.out))


def finished(client: Client, parameters: Parameters, *, kinds: str = "", force: bool) -> Analysis:
    """Start the job, show how far it is, and return it when it is over.

    Raises SemapixError, saying why, if it did not succeed.
    """
    job = client.analyses.start(parameters, kinds=options.kinds(kinds), force=force)
    with progress.bar("%") as bar:
        task = bar.add_task(job.step or "waiting", total=100, counts="")
        for seen in client.analyses.watch(job.analysis_id):
            job = seen
            bar.update(task, completed=round(100 * job.progress), description=job.step or "done")
    if job.state is not AnalysisState.SUCCEEDED:
        why = job.error or f"it ended as {job.state.name.lower()}"
        raise errors.SemapixError(f"the analysis did not succeed: {why}")
    return job


def _names(client: Client, photo_ids: list[str]) -> dict[str, str]:
    """Return what to call each photo; one that was removed since keeps its id."""
    ids = sorted(set(photo_ids))
    names = {photo_id: naming.short_id(photo_id) for photo_id in ids}
    for at in range(0, len(ids), 1000):
        for photo in client.photos(ids[at : at + 1000]):
            if not isinstance(photo, errors.SemapixError):
                names[photo.facts.photo_id] = naming.photo(photo.facts)
    return names


def _page(found: PhotoMap, names: dict[str, str]) -> bytes:
    from ui import plotting  # a second to import, and only this command draws

    return plotting.page(found, names).encode()


def _print_clusters(found: Clustering, client: Client) -> None:
    shown = found.clusters[:SHOWN_ROWS]
    names = _names(client, [s.photo_id for c in shown for s in c.samples[:SHOWN_NAMES]])
    rows = console.table("#>", "samples>", "spread>", "nearest to the centre")
    for cluster in shown:
        nearest = (names[sample.photo_id] for sample in cluster.samples[:SHOWN_NAMES])
        rows.add_row(
            str(cluster.number),
            str(len(cluster.samples)),
            f"{cluster.spread:.3f}",
            console.cell(", ".join(nearest)),
        )
    console.output().print(rows)
    console.output().print(
        f"{len(found.clusters)} clusters, {len(found.noise)} of {found.analysis.samples} samples "
        f"in none{_age(found.analysis)}; eps {found.eps:g}, suggested {found.suggested_eps:g}"
    )


def _print_map(found: PhotoMap, out: Path | None) -> None:
    where = f"; see {out}" if out else "; --out map.html makes a page, --json prints them"
    sentence = f"{len(found.points)} points{_age(found.analysis)}{where}"
    console.output().print(console.cell(sentence))


def _age(analysis: Analysis) -> str:
    return " (the library has changed since; --force runs it again)" if analysis.stale else ""
