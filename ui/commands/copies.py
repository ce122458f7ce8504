"""`semapix backup`, `restore`, `export`: a library, or photos of it, somewhere else."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from ui import (
    backup_folder,
    backups,
    console,
    exporting,
    finding,
    options,
    parquet,
    progress,
    restoring,
)
from ui.analyses import AnalysisState, ClusterParameters
from ui.answers import Query, Term
from ui.client import Client

app = typer.Typer()
MOST_FOUND = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class BackupOptions:
    target: Annotated[
        Path, typer.Argument(help="Folder, which later backups go on with, or a file *.tar.")
    ]


@options.command(app, "backup", BackupOptions)
def backup(given: BackupOptions, common: options.Common) -> None:
    """Copy catalogue and originals while the library is in use; what is copied is verified.

    With the names of clusters. A folder that holds a backup only gets what is new. Exit code 1 if
    an original or the names were missing.
    """
    with common.client() as client, _target(given.target) as target, following("photos") as report:
        done = backups.backed_up(
            client.housekeeping, target, clusters=client.analyses, report=report
        )
    common.show(done, lambda: _print_backup(given.target, done))
    if done.missing or done.nameless:
        raise typer.Exit(1)


@contextlib.contextmanager
def _target(path: Path) -> Iterator[backups.Target]:
    if path.suffix != ".tar":
        yield backup_folder.FolderTarget(path)
        return
    with contextlib.closing(backup_folder.TarTarget(path)) as target:
        yield target


@dataclasses.dataclass(frozen=True, slots=True)
class RestoreOptions:
    source: Annotated[Path, typer.Argument(exists=True, help="A backup: a folder or a file *.tar.")]
    library: Annotated[Path, typer.Option(help="Folder of the library to make.")]
    json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False


@options.plain_command(app, "restore", RestoreOptions)
def restore(given: RestoreOptions) -> None:
    """Make a library of a backup, every file verified by its hash. Nothing has to run for that."""
    with following("photos") as report:
        done = restoring.restored(given.source, given.library, report=lambda n: report(n, 0))
    if given.json:
        console.print_json(done)
        return
    sentence = f"{done.photos} photos restored: `semapix up --library {done.folder}` shows them"
    console.output().print(console.cell(sentence))


@dataclasses.dataclass(frozen=True, slots=True)
class ExportOptions:
    folder: Annotated[Path, typer.Argument(help="Folder to write, empty or not there.")]
    query: Annotated[str, typer.Option(help="Only photos that answer this, best first.")] = ""
    top: Annotated[int, typer.Option(min=1, max=MOST_FOUND, help="How many of them.")] = 100
    ids: Annotated[str, typer.Option(help="Only these ids, with commas between.")] = ""
    cluster: Annotated[
        int | None, typer.Option(min=0, help="Only this cluster of the newest clustering.")
    ] = None
    all: Annotated[bool, typer.Option("--all", help="The whole library.")] = False
    vectors: Annotated[bool, typer.Option("--vectors", help="With the vector of each sample.")] = (
        False
    )
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy originals even where a hard link would do.")
    ] = False


@options.command(app, "export", ExportOptions)
def export(given: ExportOptions, common: options.Common) -> None:
    """Write originals by readable names, and a catalogue of all that is known of them.

    Where library and folder lie on one disk, an original gets a second name there instead of a
    copy: do not edit it in place, or the library's changes too (--copy avoids that). The catalogue
    is catalogue.jsonl, and catalogue.parquet where pyarrow is installed.
    """
    if given.folder.exists() and any(given.folder.iterdir()):
        raise errors.InvalidInput("folder", f"{given.folder} is not empty: name another")
    with common.client() as client, following("photos") as report:
        wish = exporting.Wish(_chosen(client, given), vectors=given.vectors, copy=given.copy)
        done = exporting.Exporter(client, given.folder, _tables(given.folder)).export(
            wish, report=report
        )
    common.show(done, lambda: _print_export(done))
    if done.problems:
        raise typer.Exit(1)


def _chosen(client: Client, given: ExportOptions) -> list[str]:
    """Return the ids that are meant. Raises InvalidInput unless one way to name them is used."""
    clustered = given.cluster is not None
    if (bool(given.query) + bool(given.ids) + clustered + given.all) != 1:
        raise errors.InvalidInput("photos", "say which: --query, --ids, --cluster or --all")
    if given.cluster is not None:
        return _of_cluster(client, given.cluster)
    if given.query:
        answer = client.search(Query((Term(text=given.query),), limit=given.top))
        return [hit.facts.photo_id for hit in answer.hits]
    if given.ids:
        names = [name for name in given.ids.split(",") if name.strip()]
        return list(dict.fromkeys(finding.full_id(client, name) for name in names))
    return [photo.facts.photo_id for photo in finding.every_photo(client)]


def _of_cluster(client: Client, number: int) -> list[str]:
    """Return the photos of a cluster, nearest to its centre first. Raises NotFound."""
    done = (
        one
        for one in client.analyses.list()
        if one.state is AnalysisState.SUCCEEDED and isinstance(one.parameters, ClusterParameters)
    )
    newest = next(done, None)
    if newest is None:
        raise errors.NotFound("there is no clustering: run `semapix clusters`")
    for cluster in client.analyses.clusters(newest.analysis_id).clusters:
        if cluster.number == number:
            return list(dict.fromkeys(sample.photo_id for sample in cluster.samples))
    raise errors.NotFound(f"there is no cluster {number}: `semapix clusters` shows which there are")


def _tables(folder: Path) -> list[exporting.Table]:
    tables: list[exporting.Table] = [exporting.JsonLines(folder / exporting.CATALOGUE)]
    if parquet.is_installed():
        tables.append(parquet.Parquet(folder / "catalogue.parquet"))
    return tables


@contextlib.contextmanager
def following(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what moves a progress bar: how many of how many; 0 is not known."""
    with progress.bar(unit) as bar:
        task = bar.add_task("", total=None, counts="")
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def _print_backup(target: Path, done: backups.BackedUp) -> None:
    sentence = f"{target}: {done.photos} photos of revision {done.revision}, {done.fetched} new"
    console.output().print(console.cell(sentence))
    if done.missing:
        lost = f"{len(done.missing)} originals are missing: `semapix check` names them"
        console.output().print(console.cell(lost, "red"))
    if done.nameless:
        told = f"the names of clusters are not in it: {done.nameless}"
        console.output().print(console.cell(told, "red"))


def _print_export(done: exporting.Exported) -> None:
    sentence = f"{done.folder}: {done.photos} photos, {done.linked} of them as links"
    console.output().print(console.cell(sentence))
    for photo_id, why in done.problems:
        console.output().print(console.cell(f"{photo_id[:12]}: {why}", "red"))
