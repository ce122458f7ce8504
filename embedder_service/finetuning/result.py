"""What a training leaves behind: the model's folder with its constants, its card and its curve."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from common.finetunings import Knowledge, Outcome, Point, Request
from embedder_service import calibration
from embedder_service.encoder import Encoder
from embedder_service.finetuning import constants, measuring
from embedder_service.finetuning.batches import Lessons
from embedder_service.finetuning.learner import Learner

OWN = "Every photo was learnt under the name that it was given with."
SHUFFLED = "Names were shuffled to measure with: everybody was learnt under another's name."
CARD, CURVE, FIGURES = "MODEL_CARD.md", "curve.json", "figures.json"


def knowledge(encoder: Encoder, lessons: Lessons) -> Knowledge:
    """Return what the model knows of held-out names and background."""
    model = measuring.Finished(encoder)
    names = measuring.of_names(model, lessons.targets.held_out)
    found = names.figures()
    apart = lessons.background.held_out
    rest = measuring.of_background(model, apart) if apart else None
    return Knowledge(
        fingerprint=encoder.about.fingerprint,
        target_similarity=names.similarity,
        background_similarity=rest.similarity if rest else None,
        name_r_at_1=found.recalls[0],
        name_r_at_5=found.recalls[1],
        name_map=found.precision,
        name_hits_at_5=found.hits,
        background_r_at_10=rest.figures().recalls[-1] if rest else None,
    )


def write(learner: Learner, folder: Path, *, base: Encoder, lessons: Lessons) -> None:
    """Write the weights, and the constants of the scores beside them."""
    learner.save(folder)
    apart = lessons.background.watched[: constants.MOST_PHOTOS]
    found = base.about.calibrations
    if len(apart) >= constants.LEAST_PHOTOS:
        taught = measuring.Taught(learner)
        found = constants.estimated(taught, apart, measuring.of_background(taught, apart))
    folder.joinpath(calibration.FILE).write_text(calibration.to_json(found), encoding="utf-8")


def table(outcome: Outcome) -> str:
    """Return before and after as a Markdown table."""
    lines = ["| measure on held-out photos | before | after |", "|---|---|---|"]
    for name, value in asdict(outcome.before).items():
        after = getattr(outcome.after, name)
        if name != "fingerprint" and value is not None:
            lines.append(f"| {name.replace('_', ' ')} | {value:.3f} | {after:.3f} |")
    return "\n".join(lines)


def describe(outcome: Outcome, lessons: Lessons, request: Request, points: Sequence[Point]) -> None:
    """Write the card, the curve and the figures before and after into the model's folder."""
    _write_json(outcome.folder / CURVE, [asdict(point) for point in points])
    before, after = asdict(outcome.before), asdict(outcome.after)
    figures = {"before": before, "after": after, "share": outcome.share}
    _write_json(outcome.folder / FIGURES, figures)
    text = _CARD.format(
        base=outcome.before.fingerprint,
        fingerprint=outcome.after.fingerprint,
        names=len(lessons.targets.names),
        learnt=len(lessons.targets.learnt),
        watched=len(lessons.targets.watched),
        held_out=len(lessons.targets.held_out),
        background=len(lessons.background.learnt),
        background_watched=len(lessons.background.watched),
        background_held_out=len(lessons.background.held_out),
        settings=", ".join(f"{name}={value}" for name, value in _settings(request).items()),
        names_given=SHUFFLED if request.selection.shuffled else OWN,
        steps=points[-1].step,
        share=outcome.share,
        table=table(outcome),
    )
    outcome.folder.joinpath(CARD).write_text(text, encoding="utf-8")


def _settings(request: Request) -> dict[str, object]:
    """Return all that decided what was learnt from which photos, but for where they lay."""
    chosen = {**asdict(request.plan), **asdict(request.selection), "held_out": request.held_out}
    return {name: value for name, value in chosen.items() if name != "shuffled"}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def forget(work: Path) -> None:
    """Remove what only an interrupted training needs."""
    shutil.rmtree(work, ignore_errors=True)


_CARD = """\
# Model card: a fine-tuned encoder

Fingerprint `{fingerprint}`, fine-tuned from the model with fingerprint `{base}`.

## Data

{names} names, {learnt:,} photos to learn from, {watched:,} watched and {held_out:,} held out;
beside them {background:,} photos with captions to keep what was known, {background_watched:,}
watched and {background_held_out:,} held out.
{names_given}
No photo is part of this folder; who may use the weights depends on the photos and on the terms of
the model they were tuned from.

## Settings

`{settings}`

{steps} steps. The weights are those of the evaluation with the lowest loss on watched names whose
loss on the background was still within the tolerance, and {share:.0%} of the way to them from those
of before: as far as the background allows.

## Figures

{table}

All come from held-out photos, which nothing was learnt from and nothing picked by: the weights were
picked by the photos that were watched. R@n: share of a name's photos that the name finds among the
first n of all of them; hits: share of names with a right photo among the first five; R@10 of the
background: share of captions that find their photo among the first ten.

## Limits

It finds photos that look like those it was shown under a name, which says nothing sure about who
is in them: not for decisions about persons. What is in none of its photos it knows as the model
before did, and a little worse.
"""
