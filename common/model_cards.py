"""The figures of a model, read from the card beside its weights: what people read is the truth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its first cell, and the others by column, where they are numbers."""

    name: str
    figures: Mapping[str, float]


def rows(card: Path, first_column: str) -> list[Row]:
    """Return the rows of the Markdown table whose first column is so headed, none without one."""
    lines = card.read_text(encoding="utf-8").splitlines() if card.is_file() else []
    tables = iter(lines)
    for line in tables:
        columns = _cells(line)
        if columns[:1] == [first_column]:
            return list(_rows(columns, tables))
    return []


def _rows(columns: list[str], lines: Iterator[str]) -> Iterator[Row]:
    next(lines, None)  # the line of dashes
    for line in lines:
        cells = _cells(line)
        if len(cells) != len(columns):
            return
        pairs = zip(columns[1:], map(_number, cells[1:]), strict=True)
        yield Row(cells[0], {column: value for column, value in pairs if value is not None})


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if "|" in line else []


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
