"""What is printed: tables and sentences for people, JSON for programs, nothing that acts."""

import dataclasses
import errno
import json
import sys
import unicodedata
from collections.abc import Mapping
from enum import Enum
from typing import IO, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Paths stay whole, so that what reads a pipe finds them.
PIPE_WIDTH = 240
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def clean(text: str) -> str:
    """Return `text` with every character that a terminal could act on replaced.

    File names and texts read in photos come from strangers.
    """
    return "".join("\ufffd" if unicodedata.category(c) in HIDDEN else c for c in text)


def cell(text: object, style: str = "") -> Text:
    """Return `text` for a table: clean, and taken literally."""
    return Text(clean(str(text)), style=style, overflow="fold")


def output() -> Console:
    """Return the console for results."""
    return Console(highlight=False, width=_width(sys.stdout))


def progress_output() -> Console:
    """Return the console for progress and complaints: standard error."""
    return Console(stderr=True, highlight=False, width=_width(sys.stderr))


def _width(stream: IO[str]) -> int | None:
    """Return None for a terminal, which knows its width; a file or a pipe has none."""
    return None if stream.isatty() else PIPE_WIDTH


def table(*columns: str, title: str = "") -> Table:
    """Return an empty table; a column that ends in ">" is aligned right."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column.rstrip(">"), justify="right" if column.endswith(">") else "left")
    return made


def can_ask() -> bool:
    """Return whether a person sits at the terminal."""
    return sys.stdin.isatty()


def sentence(error: Exception) -> str:
    """Return what an error says to a person."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        disk = f"the disk of {error.filename}" if error.filename else "a disk of this machine"
        return f"{disk} is full: make room on it and try again"
    return str(error)


def complain(sentence: str) -> None:
    """Print one sentence to standard error."""
    progress_output().print(cell(sentence, "red"), soft_wrap=True)


def plain(value: Any) -> Any:
    """Return `value` as what JSON knows: dataclasses as objects, kinds by their lower-case name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def print_json(value: Any) -> None:
    """Print `value` to standard output as one JSON document, in ASCII."""
    print(json.dumps(plain(value), indent=2), flush=True)
