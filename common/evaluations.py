"""How good a model is over a folder: what `semapix evaluate` asks of the package that owns it.

A package registers an `Evaluation` per name in the entry-point group "semapix.evaluate".
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Exam:
    """The folder with the photos and what is known of them; the model, "" for the settings' one.

    first: how many photos, in the order of the labels, to look at; 0 for all.
    """

    folder: Path
    model: str = ""
    first: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The folders to report on, of any form that is known, and the folder to write to."""

    folders: tuple[Path, ...]
    out: Path
    model: str = ""
    first: int = 0


class Reporting(Protocol):
    """Writes a report; registered in the entry-point group "semapix.report"."""

    def __call__(self, wanted: Wanted, progress: Progress) -> object:
        """Return a frozen dataclass whose fields are what is printed; see `Evaluation`."""
        ...


class Evaluation(Protocol):
    """Measures one kind of model."""

    def __call__(self, exam: Exam, progress: Progress) -> object:
        """Return a frozen dataclass whose fields are what is printed.

        `progress` is told how many photos or queries are done, of how many. Raises SemapixError,
        naming what is wrong with the folder or the model.
        """
        ...


def unwatched(_done: int, _total: int) -> None:
    """Tell nobody."""
