"""The second stage of the `mini` detector: what stands in a proposed region, and where exactly."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.faster_rcnn import TwoMLPHead
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.ops import MultiScaleRoIAlign, batched_nms, clip_boxes_to_image

KINDS = 6
MIN_SCORE = 0.03
MAX_FOUND = 40
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Targets:
    """What one picture shows: `boxes` (g, 4), left, top, right, bottom in pixels.

    `chances` (g, 1 + classes): how likely the box is nothing (column 0) or each class; sums to 1.
    """

    boxes: Tensor
    chances: Tensor

    def to(self, device: str) -> "Targets":
        """Return the same on another device."""
        return Targets(self.boxes.to(device), self.chances.to(device))

    def as_dict(self) -> dict[str, Tensor]:
        """Return the form that torchvision's losses take."""
        return {"boxes": self.boxes, "labels": self.chances[:, 1:].argmax(1) + 1}


@dataclass(frozen=True, slots=True)
class Found:
    """What one picture was found to show, most confident first.

    `boxes` (n, 4) in pixels, `kinds` (n,) 0 to 5, `classes` (n,) from 0; `scores` and `shares` (n,)
    in [0, 1]: how likely the kind is, and how much of that falls on the class.
    """

    boxes: Tensor
    kinds: Tensor
    classes: Tensor
    scores: Tensor
    shares: Tensor


class RegionPredictor(nn.Module):
    """One score per class and "nothing", and one box whatever the class."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.scores = nn.Linear(channels, 1 + classes)
        self.box = nn.Linear(channels, 4)

    def forward(self, regions: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores before the softmax, (n, 1 + classes), and box deltas, (n, 4)."""
        return self.scores(regions), self.box(regions)


class KindRegions(RoIHeads):  # type: ignore[misc]
    """Torchvision's region heads over classes that fold into kinds."""

    def __init__(
        self,
        pool: MultiScaleRoIAlign,
        head: TwoMLPHead,
        predictor: RegionPredictor,
        *,
        kinds: tuple[int, ...],
        half: bool,
    ) -> None:
        super().__init__(
            pool, head, predictor, 0.5, 0.5, 48, 0.33, None, MIN_SCORE, OVERLAP, MAX_FOUND
        )
        self.half_precision = half
        self.register_buffer("kind_of_class", torch.tensor(kinds), persistent=False)

    def losses(
        self,
        features: dict[str, Tensor],
        proposals: list[Tensor],
        sizes: list[tuple[int, int]],
        *,
        targets: list[Targets],
    ) -> dict[str, Tensor]:
        """Return the losses over a sample of the proposals."""
        given = [target.as_dict() for target in targets]
        proposals, matched, labels, deltas = self.select_training_samples(proposals, given)
        scores, found = self._predicted(features, proposals, sizes)
        label = torch.cat(labels)
        chances = _chances(targets, matched, label)
        return {
            "class": _cross_entropy(scores.log_softmax(1), chances),
            "kind": _cross_entropy(self._log_kinds(scores), self._folded(chances)),
            "box": _box_loss(found, torch.cat(deltas), 1 - chances[:, 0]),
        }

    def found(
        self, features: dict[str, Tensor], proposals: list[Tensor], sizes: list[tuple[int, int]]
    ) -> list[Found]:
        """Return what each picture shows."""
        scores, deltas = self._predicted(features, proposals, sizes)
        boxes = self.box_coder.decode(deltas, proposals)[:, 0]
        counts = [len(picture) for picture in proposals]
        each = torch.split(scores.softmax(1), counts), torch.split(boxes, counts)
        return [
            self._kept(chances, clip_boxes_to_image(box, size))
            for chances, box, size in zip(*each, sizes, strict=True)
        ]

    def _predicted(
        self, features: dict[str, Tensor], proposals: list[Tensor], sizes: list[tuple[int, int]]
    ) -> tuple[Tensor, Tensor]:
        regions = self.box_roi_pool(features, proposals, sizes)
        with torch.autocast(regions.device.type, torch.bfloat16, enabled=self.half_precision):
            scores, deltas = self.box_predictor(self.box_head(regions))
        return scores.float(), deltas.float()

    def _kept(self, chances: Tensor, boxes: Tensor) -> Found:
        """Return the best boxes of each kind that do not cover one another."""
        scores, kinds = self._folded(chances)[:, 1:].max(1)
        kept = batched_nms(boxes, scores, kinds, OVERLAP)[:MAX_FOUND]
        kept = kept[scores[kept] >= MIN_SCORE]
        within = chances[kept, 1:] * (self.kind_of_class[None] == kinds[kept, None])
        best, classes = within.max(1)
        return Found(boxes[kept], kinds[kept], classes, scores[kept], best / scores[kept])

    def _folded(self, chances: Tensor) -> Tensor:
        """Return chances of nothing and of each kind, (n, 1 + KINDS)."""
        kinds = chances.new_zeros(len(chances), 1 + KINDS)
        kinds[:, 0] = chances[:, 0]
        return kinds.index_add(1, self.kind_of_class + 1, chances[:, 1:])

    def _log_kinds(self, scores: Tensor) -> Tensor:
        return self._folded(scores.softmax(1)).clamp_min(1e-6).log()


def _chances(targets: list[Targets], matched: list[Tensor], label: Tensor) -> Tensor:
    """Return the chances of each sampled region; those that match no box are surely nothing."""
    rows = []
    for target, index in zip(targets, matched, strict=True):
        known = (
            target.chances
            if len(target.chances)
            else target.chances.new_zeros(1, target.chances.shape[1])
        )
        rows.append(known[index])
    chances = torch.cat(rows).clone()
    nothing = functional.one_hot(torch.zeros((), dtype=torch.long), chances.shape[1])
    chances[label == 0] = nothing.to(chances)
    return chances


def _cross_entropy(logs: Tensor, chances: Tensor) -> Tensor:
    return -(chances * logs).sum(1).mean()


def _box_loss(found: Tensor, deltas: Tensor, certainty: Tensor) -> Tensor:
    """Return the distance of the boxes, weighted by how certain it is that something is there."""
    there = certainty > 0
    distance = functional.smooth_l1_loss(found[there], deltas[there], beta=1 / 9, reduction="none")
    return (distance.sum(1) * certainty[there]).sum() / len(found)
