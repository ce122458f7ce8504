"""`semapix evaluate report`: everything the thesis measured, on the photos of some folders."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis_service.report import materials, pages, sections, seeing, tuning
from analysis_service.report.parts import Number, Section
from common import errors
from common.evaluations import Progress, Wanted

PAGE, TEXT, RECORD = "report.html", "report.md", "report.json"


@dataclass(frozen=True, slots=True)
class Written:
    """What is printed: where the report is, of what it was made, and what was left out."""

    page: str
    model: str
    fingerprint: str
    sections: int
    left_out: tuple[str, ...]


def report(wanted: Wanted, progress: Progress) -> Written:
    """Write report.html, report.md, report.json and the figures into the folder `wanted.out`.

    Raises InvalidInput or NotFound, naming what is wrong with a folder, Unavailable for an embedder
    that does not come up.
    """
    found = materials.read(wanted.folders, wanted.first)
    if not (found.scenes or found.people or found.captioned):
        raise errors.InvalidInput("", f"nothing to look at: give a folder with {materials.FORMS}")
    wanted.out.mkdir(parents=True, exist_ok=True)
    seen = seeing.look(wanted.model, found, progress)
    parts = (*sections.of(seen, found), tuning.of(found.tuned))
    about = _about(seen, found)
    for chart in (chart for part in parts for chart in part.charts):
        wanted.out.joinpath(f"{chart.name}.png").write_bytes(chart.png)
    wanted.out.joinpath(PAGE).write_text(pages.html(parts, about), encoding="utf-8")
    wanted.out.joinpath(TEXT).write_text(pages.markdown(parts, about), encoding="utf-8")
    kept = Record(seen.encoder.model, seen.encoder.fingerprint, tuple(map(_part, parts)))
    text = json.dumps(asdict(kept), indent=1, allow_nan=False)
    wanted.out.joinpath(RECORD).write_text(text + "\n", encoding="utf-8")
    return Written(
        page=str(wanted.out / PAGE),
        model=seen.encoder.model,
        fingerprint=seen.encoder.fingerprint,
        sections=sum(not part.missing for part in parts),
        left_out=tuple(part.title for part in parts if part.missing),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A section in report.json; `rows` are records of the section's own kind."""

    title: str
    missing: str
    numbers: tuple[Number, ...]
    rows: tuple[object, ...]
    charts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """All of report.json."""

    model: str
    fingerprint: str
    sections: Sequence[Part]


def _part(section: Section) -> Part:
    names = tuple(f"{chart.name}.png" for chart in section.charts)
    return Part(section.title, section.missing, section.numbers, section.rows, names)


def _about(seen: seeing.Seen, found: materials.Materials) -> str:
    model = Path(seen.encoder.model).name or seen.encoder.model
    return (
        f"Encoder {model}, fingerprint {seen.encoder.fingerprint[:12]}; {len(found.scenes)} photos "
        f"with boxes, {len(found.people)} photos of {len(set(found.people.values()))} persons, "
        f"{len(found.captioned)} photos with captions."
    )
