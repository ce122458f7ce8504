"""`semapix export`: an answer, clusters, duplicates or all, into a folder or an album."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from ui import album, console, exporting, options, parquet, selections
from ui.client import Client
from ui.commands import duplicates as groups
from ui.commands.copies import following
from ui.selections import Section

app = typer.Typer()
MOST_FOUND = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class ExportOptions:
    target: Annotated[
        Path,
        typer.Argument(help="Folder, empty or not there; or an album: a file *.html."),
    ]
    query: Annotated[str, typer.Option(help="Only photos that answer this, best first.")] = ""
    top: Annotated[int, typer.Option(min=1, max=MOST_FOUND, help="How many of them.")] = 100
    ids: Annotated[str, typer.Option(help="Only these ids, with commas between.")] = ""
    cluster: Annotated[
        int | None, typer.Option(min=0, help="Only this cluster of the newest clustering.")
    ] = None
    clusters: Annotated[
        bool, typer.Option("--clusters", help="The clusters found last, a folder each.")
    ] = False
    duplicates: Annotated[
        groups.KindChoice | None, typer.Option(help="Groups of duplicates, a folder each.")
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
    is catalogue.jsonl, and catalogue.parquet where pyarrow is installed. An album is one web page
    with at most 1,000 photos in it, smaller than they are, which any browser opens.
    """
    if given.target.is_dir() and any(given.target.iterdir()):
        raise errors.InvalidInput("target", f"{given.target} is not empty: name another")
    with common.client() as client:
        sections = _chosen(client, given)
        with following("photos") as report:
            done = _written(client, given, sections, report=report)
    common.show(done, lambda: _print(done))
    if done.problems:
        raise typer.Exit(1)


def _written(
    client: Client, given: ExportOptions, sections: list[Section], *, report: album.Report
) -> exporting.Exported:
    if given.target.suffix.lower() == album.SUFFIX and not given.target.is_dir():
        return album.Album(client, given.target).write(sections, report=report)
    wish = exporting.Wish(sections, vectors=given.vectors, copy=given.copy)
    tables = _tables(given.target)
    return exporting.Exporter(client, given.target, tables).export(wish, report=report)


def _chosen(client: Client, given: ExportOptions) -> list[Section]:
    """Return what is meant. Raises InvalidInput unless one way to name it is used."""
    ways = (given.query, given.ids, given.cluster is not None, given.clusters, given.duplicates)
    if sum(map(bool, (*ways, given.all))) != 1:
        named = "--query, --ids, --cluster, --clusters, --duplicates or --all"
        raise errors.InvalidInput("photos", f"say which: {named}")
    if given.clusters:
        return selections.of_clusters(client)
    if given.duplicates:
        asked = groups.DuplicateOptions(kind=given.duplicates)
        return selections.of_duplicates(groups.found(client, asked))
    return [_flat(client, given)]


def _flat(client: Client, given: ExportOptions) -> Section:
    """Return photos that are no groups."""
    if given.cluster is not None:
        return selections.of_cluster(client, given.cluster)
    if given.query:
        return selections.of_query(client, given.query, most=given.top)
    return selections.of_ids(client, given.ids) if given.ids else selections.of_all(client)


def _tables(folder: Path) -> list[exporting.Table]:
    tables: list[exporting.Table] = [exporting.JsonLines(folder / exporting.CATALOGUE)]
    if parquet.is_installed():
        tables.append(parquet.Parquet(folder / "catalogue.parquet"))
    return tables


def _print(done: exporting.Exported) -> None:
    links = f", {done.linked} of them as links" if done.linked else ""
    console.output().print(console.cell(f"{done.folder}: {done.photos} photos{links}"))
    for photo_id, why in done.problems:
        console.output().print(console.cell(f"{photo_id[:12]}: {why}", "red"))
