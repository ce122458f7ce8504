"""What a report is made of: sections with figures, as numbers and as pictures."""

from dataclasses import dataclass

from analysis_service.report.charts import Chart
from analysis_service.report.wording import Words


@dataclass(frozen=True, slots=True)
class Number:
    """A figure, and what the thesis has in its place, "" where that is not known."""

    name: str
    value: float | str
    thesis: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; `missing` says why there is nothing, "" where there is something."""

    title: str
    words: Words
    missing: str = ""
    numbers: tuple[Number, ...] = ()
    charts: tuple[Chart, ...] = ()
    rows: tuple[object, ...] = ()
