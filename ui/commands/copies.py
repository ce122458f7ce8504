"""`semapix backup` and `restore`: a library somewhere else."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from ui import (
    backup_folder,
    backups,
    console,
    options,
    progress,
    restoring,
)

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
    an original was lost or damaged, or the names were missing.
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
    if done.missing:
        lost = f"{len(done.missing)} originals are not in the backup: `semapix check` names them"
        console.output().print(console.cell(lost, "red"))


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
        lost = f"{len(done.missing)} originals are lost or damaged: `semapix check` names them"
        console.output().print(console.cell(lost, "red"))
    if done.nameless:
        told = f"the names of clusters are not in it: {done.nameless}"
        console.output().print(console.cell(told, "red"))
