"""The section on clusters: DBSCAN over a grid of eps, against the labels."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis_service import grid
from analysis_service.report import charts, wording
from analysis_service.report.charts import Chart
from analysis_service.report.likeness import Labelled
from analysis_service.report.parts import Number, Section

EPS, MIN_SAMPLES = 0.2, 2


def clusters(known: Mapping[str, Labelled | None]) -> Section:
    """Return the section on samples with labels, by what they are."""
    words = wording.CLUSTERS
    swept = [_swept(samples, what) for what, samples in known.items() if samples]
    if not swept:
        return Section(words.title, words, missing=words.missing)
    return Section(
        words.title,
        words,
        numbers=tuple(number for each in swept for number in each.numbers),
        charts=tuple(each.chart for each in swept),
        rows=tuple(row for each in swept for row in each.rows),
    )


@dataclass(frozen=True, slots=True)
class SweptRow:
    """A clustering of `what` against its labels."""

    what: str
    row: grid.Row


@dataclass(frozen=True, slots=True)
class Swept:
    """DBSCAN over its grid, for one kind of samples."""

    numbers: tuple[Number, ...]
    chart: Chart
    rows: tuple[SweptRow, ...]


def _swept(samples: Labelled, what: str) -> Swept:
    rows = tuple(grid.rows(samples.vectors, samples.labels))
    tried = [row for row in rows if row.method == "dbscan"]
    best = max(tried, key=lambda row: row.ari)
    least = best.min_samples or MIN_SAMPLES
    usual = next(row for row in tried if (row.eps, row.min_samples) == (EPS, MIN_SAMPLES))
    hint = next(row for row in rows if "suggested" in row.method and row.min_samples == least)
    numbers = (
        Number(f"{what}: best eps, by ARI", best.eps or 0.0, "0.2"),
        Number(f"{what}: best min_samples", least, "2"),
        Number(f"{what}: purity, coverage, ARI at the best", _three(best)),
        Number(f"{what}: at the suggested eps, {hint.eps:.2f}", _three(hint)),
        Number(f"{what}: at eps 0.2, min_samples 2", _three(usual)),
    )
    marks = [("best", best.eps or 0.0), ("suggested", hint.eps or 0.0), ("thesis, 0.2", EPS)]
    curve = [row for row in tried if row.min_samples == least]
    title = f"DBSCAN on {what}, min_samples {least}"
    chart = charts.sweep(curve, marks, f"{what}-sweep", title)
    return Swept(numbers, chart, tuple(SweptRow(what, row) for row in rows))


def _three(row: grid.Row) -> str:
    return f"{row.purity:.2f}, {row.coverage:.2f}, {row.ari:.2f}"
