"""What a training leaves: the weights, their model card and the evaluation table."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from common.samples import OBJECT_KINDS
from detector_service import mini, weights
from detector_service.evaluation import Report
from detector_service.mini_network import SIZE_PX
from detector_service.training.loop import Plan, halves

WEIGHTS = "mini.safetensors"
CARD = "mini.md"

CARD_TEXT = """# Model card: `mini` object detector

| | |
|---|---|
| file | `{weights}`, {megabytes:.1f} MB, half-precision safetensors; nothing in it is executed |
| fingerprint | `{fingerprint}` (SHA-256 of the file) |
| input | an upright RGB photo, stretched to {size} x {size} pixels |
| output | boxes of six kinds, with one of {classes} class names where one stands out |
| parameters | {parameters:.1f} million |

## Method
EfficientNet-Lite2 (pre-trained on ImageNet, Apache-2.0, from PyPI) with its batch norms folded in,
a feature pyramid at strides 8, 16 and 32, torchvision's region proposals, and region heads that
tell 80 classes apart, regress one box whatever the class, and add up the chances of the classes of
a kind. The stem and the first {frozen} stages stay as they were.

Targets are uncertain: the teacher, `{teacher}` (Apache-2.0), gives each box a score for every
class; from these come the chances of each class and of nothing at all. Boxes that people drew are
certain. Photos that show rare classes are drawn more often. Each training square is a stretched,
mirrored, re-tinted part of one photo, or a mosaic of four.

{start}
AdamW, {steps} steps of {batch}, rate {rate:g}, level and then falling over the last {fall:.0%};
squares of {sides} pixels, and of {size} while the rate falls. The weights are a running
average: of the last {candidates} that were kept, that of step {step}, the best on {asked} photos
of Flickr8k's validation split with the teacher's labels ({value:.3f}); the photos of the figures
below had no part in it. Seed {seed}. Made by `python -m detector_service.training`; the same
command resumes an interrupted training.

## Data and licence
- {photos} photos of Flickr8k (train split), labelled by the teacher; for research use.
- {certain} photos of COCO train2017 with the boxes of their annotators (CC BY 4.0); the photos keep
  the licences of Flickr.

The weights were trained on photos that are given out for research only. They come with this
project for research and evaluation and are not under its Apache licence; whoever uses them for
something else has to judge by themselves whether they may, or train their own on photos they own.

## Figures
{judged} photos of COCO val2017, none of them seen in training; average precision at an overlap of
one half (AP50) for boxes of at least 4 % of the photo, smaller ones and crowds ignored on both
sides:

{table}

"Label right" is the share of matched boxes with a class name whose name is right; "labelled" the
share of matched boxes that have one. Times are of this machine, {threads} threads, decoding left
out, and tell only how the two compare.

## Limits
- Made for regions large enough to be searched for: boxes under 4 % of the photo are found poorly.
- The photos of the training show people and dogs outdoors above all; kitchens, offices, vehicles
  and street furniture are rare in them, and single classes of these kinds are missed or confused.
- It knows the 80 classes of COCO; other things are missed or called by the nearest name.
- What the teacher gets wrong, it has learnt.
- It finds persons, it does not tell who they are, and nobody checked how evenly it does so across
  groups of people. Not for decisions about persons.
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """What was trained on; `start`: fingerprint of the weights that were gone on from, or ""."""

    teacher: str
    photos: int
    certain: int
    start: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which step's weights were taken, of how many, by which mean AP50 on how many photos."""

    step: int
    value: float
    candidates: int
    asked: int


def write_weights(state: Mapping[str, Tensor], names: tuple[str, ...], folder: Path) -> Path:
    """Write half-precision weights into `folder`; return their path."""
    path = folder / WEIGHTS
    save_file(halves(state), path, metadata={"format": mini.FORMAT, "classes": json.dumps(names)})
    return path


@dataclass(frozen=True, slots=True)
class Account:
    """All that the card tells of a training besides the weights themselves."""

    plan: Plan
    sources: Sources
    choice: Choice
    reports: tuple[Report, ...]


def write_card(path: Path, account: Account) -> Path:
    """Write the model card beside the weights at `path`; return its path."""
    detector = mini.load(path, device="cpu", confidence=0.0)
    parameters = sum(values.numel() for values in detector.network.parameters())
    text = CARD_TEXT.format(
        weights=path.name,
        megabytes=path.stat().st_size / 1e6,
        fingerprint=weights.fingerprint(path),
        size=SIZE_PX,
        classes=len(detector.names),
        parameters=parameters / 1e6,
        judged=account.reports[0].photos,
        table=table(account.reports),
        threads=torch.get_num_threads(),
        frozen=account.plan.frozen_stages,
        sides=", ".join(map(str, account.plan.sides_px)),
        **{key: value for key, value in asdict(account.plan).items() if key != "frozen_stages"},
        **asdict(account.choice),
        **asdict(account.sources) | {"start": _start(account.sources.start)},
    )
    card = path.with_suffix(".md")
    card.write_text(text, encoding="utf-8")
    return card


def _start(fingerprint: str) -> str:
    if not fingerprint:
        return "The training began with the weights of ImageNet."
    return f"The training went on from weights of this network (SHA-256 `{fingerprint}`)."


def table(reports: tuple[Report, ...]) -> str:
    """Return the figures of detectors as a Markdown table, one row each."""
    kinds = [kind.name.lower() for kind in OBJECT_KINDS]
    heads = ["model", *kinds, "mean", "label right", "labelled", "ms a photo"]
    lines = [_row(heads), _row(["---"] * len(heads)), *map(_figures, reports)]
    return "\n".join(lines)


def _figures(report: Report) -> str:
    figures = report.figures
    values = [value for _, value in figures.ap50]
    values += [figures.mean, figures.label_right, figures.labelled]
    shown = ["none" if value is None else f"{value:.3f}" for value in values]
    return _row([report.model, *shown, f"{report.per_photo_ms:.0f}"])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
