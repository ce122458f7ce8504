"""`semapix show`, `list`, `remove`, `download`: single photos of the library."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from common.samples import Entry
from ui import console, finding, naming, options, saving

app = typer.Typer()
IdArgument = Annotated[str, typer.Argument(help="Photo id, or its first 6 digits or more.")]


@dataclasses.dataclass(frozen=True, slots=True)
class ShowOptions:
    id: IdArgument


@options.command(app, "show", ShowOptions)
def show(given: ShowOptions, common: options.Common) -> None:
    """Show one photo with what was found in it."""
    with common.client() as client:
        photo = client.photo(finding.full_id(client, given.id))
    common.show(photo, lambda: _print_photo(photo))


@dataclasses.dataclass(frozen=True, slots=True)
class ListOptions:
    limit: Annotated[int, typer.Option(min=0, help="Photos wanted; 0 is all.")] = 50


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """Photos, newest first, and how many there are in all."""

    total: int
    photos: Sequence[Entry]


@options.command(app, "list", ListOptions)
def list_photos(given: ListOptions, common: options.Common) -> None:
    """List photos, newest first."""
    with common.client() as client:
        total, photos = finding.listed(client, given.limit)
    common.show(Listing(total, photos), lambda: _print_list(total, photos))


@dataclasses.dataclass(frozen=True, slots=True)
class RemoveOptions:
    ids: Annotated[list[str], typer.Argument(help="Photo ids, or their first 6 digits or more.")]
    permanently: Annotated[
        bool, typer.Option("--permanently", help="Delete for good, not into the trash.")
    ] = False


@dataclasses.dataclass(frozen=True, slots=True)
class Removal:
    """What became of one photo that was to be removed; `message` is empty where it is gone."""

    id: str
    removed: bool
    message: str


@options.command(app, "remove", RemoveOptions)
def remove(given: RemoveOptions, common: options.Common) -> None:
    """Move photos into the trash, out of sight everywhere. Exit code 1 if one could not be.

    `semapix trash restore` brings them back, importing them again does, too.
    """
    with common.client() as client:
        results = finding.removed(client, given.ids, permanently=given.permanently)
    removals = [
        Removal(name, error is None, str(error or ""))
        for name, error in zip(given.ids, results, strict=True)
    ]
    common.show(removals, lambda: _print_removals(removals))
    if not all(removal.removed for removal in removals):
        raise typer.Exit(1)


@dataclasses.dataclass(frozen=True, slots=True)
class DownloadOptions:
    id: IdArgument
    out: Annotated[
        Path | None, typer.Option(help="File to write; by default the photo's own name, here.")
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False


@dataclasses.dataclass(frozen=True, slots=True)
class Download:
    """The file that was written."""

    id: str
    path: Path
    bytes: int


@options.command(app, "download", DownloadOptions)
def download(given: DownloadOptions, common: options.Common) -> None:
    """Write the original of a photo, byte by byte as it was imported."""
    with common.client() as client:
        facts = client.photo(finding.full_id(client, given.id)).facts
        path = given.out or Path(saving.file_name(facts))
        if path.exists() and not given.force:
            raise errors.InvalidInput("out", f"{path} exists: name another or add --force")
        size = saving.write_pieces(path, client.original(facts.photo_id))
    done = Download(facts.photo_id, path, size)
    common.show(done, lambda: console.output().print(console.cell(f"{path}: {size:,} bytes")))


def _print_photo(photo: Entry) -> None:
    out, facts = console.output(), photo.facts
    out.print(console.cell(naming.photo(facts), "bold"))
    out.print(f"id {facts.photo_id}")
    size = naming.size(facts.bytes)
    out.print(console.cell(f"{facts.width} x {facts.height}, {facts.format}, {size}"))
    for line in naming.taken(facts.taken):
        out.print(console.cell(line))
    if facts.perceptual_hash:
        out.print(f"perceptual hash {facts.perceptual_hash}")
    for source in facts.sources:
        out.print(console.cell(f"from {source}"))
    rows = console.table("what", "confidence>")
    for sample in naming.without_words(photo.samples):
        rows.add_row(console.cell(naming.sample(sample)), f"{sample.confidence:.2f}")
    out.print(rows)
    for stage in photo.stages:
        state = stage.error or "done"
        out.print(console.cell(f"{stage.stage.name.lower()}: {state} ({stage.model})"))


def _print_list(total: int, photos: Sequence[Entry]) -> None:
    rows = console.table("id", "photo", "pixels>", "bytes>", "imported")
    for photo in photos:
        facts = photo.facts
        rows.add_row(
            naming.short_id(facts.photo_id),
            console.cell(naming.photo(facts)),
            f"{facts.width}x{facts.height}",
            naming.size(facts.bytes),
            naming.date(facts.imported_at_s),
        )
    console.output().print(rows)
    console.output().print(f"{len(photos)} of {total} photos")


def _print_removals(removals: Sequence[Removal]) -> None:
    for removal in removals:
        console.output().print(console.cell(f"{removal.id}: {removal.message or 'removed'}"))
