"""`semapix clusters`: samples that look alike; show one, show any one, give one a name."""

import dataclasses
import random
from enum import StrEnum
from typing import Annotated

import typer

from common import errors
from ui import console, naming, options, selections
from ui.analyses import (
    Cluster,
    Clustering,
    ClusterMethod,
    ClusterParameters,
    ClusterRun,
)
from ui.client import Client
from ui.commands import analyses

app = typer.Typer(help="Group samples that look alike; show a group, give it a name.")
SHOWN_ROWS, SHOWN_NAMES, SHOWN_SAMPLES = 30, 4, 100
NumberArgument = Annotated[
    int, typer.Argument(metavar="N", min=0, help="Number, as listed by `semapix clusters`.")
]


class MethodChoice(StrEnum):
    """How clusters are found."""

    DBSCAN = "dbscan"
    HDBSCAN = "hdbscan"


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
    method: Annotated[
        MethodChoice, typer.Option(help="hdbscan needs no eps and takes at most 20,000 samples.")
    ] = MethodChoice.DBSCAN
    kinds: analyses.KindsOption = ""
    force: analyses.ForceOption = False


@options.group_command(app, ClusterOptions)
def clusters(given: ClusterOptions, common: options.Common) -> None:
    """Group samples that look alike (DBSCAN or HDBSCAN); texts apart from pictures."""
    method = ClusterMethod[given.method.name]
    parameters = ClusterParameters(given.eps, given.min_samples, given.suggest, method)
    with common.client() as client:
        done = analyses.finished(client, parameters, kinds=given.kinds, force=given.force)
        found = client.analyses.clusters(done.analysis_id)
        common.show(found, lambda: _print_all(found, client))


@dataclasses.dataclass(frozen=True, slots=True)
class ShowOptions:
    number: NumberArgument


@options.command(app, "show", ShowOptions)
def show(given: ShowOptions, common: options.Common) -> None:
    """Show one of the clusters found last, the photos nearest to its centre first."""
    with common.client() as client:
        cluster = _numbered(selections.newest(client), given.number)
        common.show(cluster, lambda: _print_one(cluster, client))


@dataclasses.dataclass(frozen=True, slots=True)
class RandomOptions:
    seed: Annotated[
        int | None, typer.Option(help="The same seed shows the same one.", show_default=False)
    ] = None


@options.command(app, "random", RandomOptions)
def any_one(given: RandomOptions, common: options.Common) -> None:
    """Show any one of the clusters found last."""
    with common.client() as client:
        found = selections.newest(client).clusters
        if not found:
            raise errors.NotFound("there is no cluster among those found last")
        cluster = random.Random(given.seed).choice(found)
        common.show(cluster, lambda: _print_one(cluster, client))


@dataclasses.dataclass(frozen=True, slots=True)
class NameOptions:
    number: NumberArgument
    name: Annotated[str, typer.Argument(help='What to call it; "" takes the name away.')]


@options.command(app, "name", NameOptions)
def name(given: NameOptions, common: options.Common) -> None:
    """Give one of the clusters found last a name, which it keeps as the library grows."""
    with common.client() as client:
        found = selections.newest(client)
        cluster = _numbered(found, given.number)
        analysis_id = found.analysis.analysis_id
        named = client.analyses.name_cluster(analysis_id, cluster.cluster_id, given.name)
    said = f"is called {named.name}" if named.name else "has no name"
    sentence = f"cluster {given.number} {said} from now on"
    common.show(named, lambda: console.output().print(console.cell(sentence)))


def _numbered(found: Clustering, number: int) -> Cluster:
    if number < len(found.clusters):
        return found.clusters[number]
    last = (
        f"they are numbered 0 to {len(found.clusters) - 1}" if found.clusters else "there is none"
    )
    raise errors.NotFound(f"there is no cluster {number} among those found last: {last}")


def _title(cluster: Cluster) -> str:
    """Return the name, or the guess marked as one."""
    return cluster.name or (f"{cluster.suggested_name}?" if cluster.suggested_name else "")


def _print_all(found: Clustering, client: Client) -> None:
    shown = found.clusters[:SHOWN_ROWS]
    names = analyses.names(client, [s.photo_id for c in shown for s in c.samples[:SHOWN_NAMES]])
    rows = console.table("#>", "name", "samples>", "spread>", "nearest to the centre")
    for cluster in shown:
        nearest = ", ".join(names[sample.photo_id] for sample in cluster.samples[:SHOWN_NAMES])
        rows.add_row(
            str(cluster.number),
            console.cell(_title(cluster)),
            str(cluster.count),
            f"{cluster.spread:.3f}",
            console.cell(nearest),
        )
    console.output().print(rows)
    console.output().print(
        f"{len(found.clusters)} clusters, {found.noise_count} of {found.analysis.samples} samples "
        f"in none{analyses.age(found.analysis)}"
    )
    for run in found.runs:
        console.output().print(_run(run))


def _run(run: ClusterRun) -> str:
    kinds = ", ".join(kind.name.lower() for kind in run.kinds)
    eps = f"eps {run.eps:g}, suggested {run.suggested_eps:g}" if run.eps else "no eps needed"
    return f"{kinds}: {eps}; {run.noise} of {run.samples} in no cluster"


def _print_one(cluster: Cluster, client: Client) -> None:
    shown = cluster.samples[:SHOWN_SAMPLES]
    names = analyses.names(client, [sample.photo_id for sample in shown])
    rows = console.table("photo", "id", "what")
    for sample in shown:
        photo_id = naming.short_id(sample.photo_id)
        what = console.cell(naming.sample(sample))
        rows.add_row(console.cell(names[sample.photo_id]), photo_id, what)
    console.output().print(rows)
    sentence = (
        f"cluster {cluster.number} {_title(cluster)}: {cluster.count} samples, "
        f"spread {cluster.spread:.3f}; the nearest {len(shown)} are shown"
    )
    console.output().print(console.cell(sentence))
