"""The section on a fine-tuning: its curves, and what it knew before and after."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis_service.report import charts, wording
from analysis_service.report.materials import CURVE, FIGURES
from analysis_service.report.parts import Number, Section
from common import errors

THESIS = {"target_similarity": "0.194 -> 0.221", "background_similarity": "0.312 -> 0.341"}
NAMES = {
    "target_similarity": "mean cosine of a photo and its name",
    "background_similarity": "mean cosine of a background photo and its caption",
    "name_r_at_1": "share of a name's photos found first (R@1)",
    "name_r_at_5": "share of a name's photos among the first 5 (R@5)",
    "name_map": "mean average precision of names",
    "name_hits_at_5": "names with a right photo among the first 5",
    "background_r_at_10": "background photos among the first 10 by their caption (R@10)",
}
CURVES = (
    ("losses", "Loss", "target_loss", "background_loss"),
    ("similarities", "Mean cosine with the own text", "target_similarity", "background_similarity"),
    ("found", "Found by text", "hits", "kept"),
)


def of(folder: Path | None) -> Section:
    """Return the section. Raises InvalidInput, naming the file that is of another form."""
    words = wording.TUNING
    if folder is None:
        return Section(words.title, words, missing=words.missing)
    try:
        points = json.loads((folder / CURVE).read_text(encoding="utf-8"))
        both = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        numbers = tuple(_numbers(both))
        drawn = tuple(_chart(points, *each) for each in CURVES)
    except (KeyError, TypeError, ValueError) as error:
        wrong = f"{folder} is not what `semapix finetune` writes: {error!r}"
        raise errors.InvalidInput("", wrong) from error
    return Section(words.title, words, numbers=numbers, charts=drawn)


def _numbers(both: Mapping[str, Any]) -> Iterator[Number]:
    before, after = both["before"], both["after"]
    for name, words in NAMES.items():
        if before.get(name) is not None:
            change = f"{before[name]:.3f} -> {after[name]:.3f}"
            yield Number(words, change, THESIS.get(name, ""))
    if "share" in both:
        yield Number("share of what was learnt that was kept", float(both["share"]))


def _chart(
    points: list[Mapping[str, Any]], name: str, title: str, target: str, background: str
) -> charts.Chart:
    steps = [int(point["step"]) for point in points]
    lines = [("names", [float(point[target]) for point in points])]
    if all(point[background] is not None for point in points):
        lines.append(("background", [float(point[background]) for point in points]))
    return charts.curves(steps, lines, f"tuning-{name}", title)
