"""The network of the `mini` detector: EfficientNet-Lite2, a feature pyramid, and two stages.

Torchvision's region proposals and region heads, with three changes: one box per region whatever its
class, targets that may be uncertain (a teacher's), and scores summed over the classes of a kind.
Batch norms are folded into the convolutions, so that nothing but convolutions is left to run.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign

from detector_service.mini_regions import Found, KindRegions, RegionPredictor, Targets

SIZE_PX = 288
PYRAMID_CHANNELS = 96
REGION_CHANNELS = 384
ANCHOR_SIZES_PX = ((24, 36), (56, 84), (124, 180))
ASPECT_RATIOS = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Stage:
    """A run of inverted bottlenecks; the first of them has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STEM_CHANNELS = 32
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(3, 3, 2, 6, 24),
    Stage(3, 5, 2, 6, 48),
    Stage(4, 3, 2, 6, 88),
    Stage(4, 5, 1, 6, 120),
    Stage(5, 5, 2, 6, 208),
    Stage(1, 3, 1, 6, 352),
)
# The stages whose outputs have strides 8, 16 and 32.
TAPPED = (2, 4, 6)


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution; `single`: each channel by itself, `active`: with ReLU6 behind it."""

    kernel: int = 1
    stride: int = 1
    single: bool = False
    active: bool = True


class Conv(nn.Conv2d):
    """A convolution that keeps the size (but for its stride), with ReLU6 where it is asked for."""

    def __init__(self, wide: tuple[int, int], layer: Layer) -> None:
        """`wide`: channels in and out."""
        groups = wide[0] if layer.single else 1
        super().__init__(*wide, layer.kernel, layer.stride, layer.kernel // 2, groups=groups)
        self.active = layer.active

    def forward(self, pixels: Tensor) -> Tensor:
        """Return features, shape (n, channels, height / stride, width / stride)."""
        if self._is_slow_in_bf16(pixels):
            with torch.autocast("cpu", enabled=False):
                found = super().forward(pixels.float()).bfloat16()
        else:
            found = super().forward(pixels)
        return nn.functional.relu6(found, inplace=True) if self.active else found

    def _is_slow_in_bf16(self, pixels: Tensor) -> bool:
        """Say whether to compute in float32: strided gradients per channel on a CPU."""
        strided = self.groups > 1 and self.stride[0] > 1 and pixels.requires_grad
        return strided and pixels.dtype is torch.bfloat16 and pixels.device.type == "cpu"


class Bottleneck(nn.Module):
    """Widen, look around per channel, narrow; added to the input where the shapes allow it."""

    def __init__(self, stage: Stage, channels: int, *, stride: int) -> None:
        super().__init__()
        wide = channels * stage.expansion
        layers = [] if stage.expansion == 1 else [Conv((channels, wide), Layer())]
        layers.append(Conv((wide, wide), Layer(stage.kernel, stride, single=True)))
        layers.append(Conv((wide, stage.channels), Layer(active=False)))
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and channels == stage.channels

    def forward(self, features: Tensor) -> Tensor:
        """Return features, shape (n, stage channels, height / stride, width / stride)."""
        found: Tensor = self.layers(features)
        return features + found if self.residual else found


class Backbone(nn.Module):
    """EfficientNet-Lite2 without its classifier; a part of it can be frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv((3, STEM_CHANNELS), Layer(3, 2))
        self.stages = nn.ModuleList()
        channels = STEM_CHANNELS
        for stage in STAGES:
            self.stages.append(_stage(stage, channels))
            channels = stage.channels
        self.frozen_stages = 0

    def freeze(self, stages: int) -> None:
        """Train neither the stem and the first `stages` stages nor any filter of one channel.

        The gradient of the latter costs a third of a training step on a CPU and changes little.
        """
        self.frozen_stages = stages
        single = [m for m in self.modules() if isinstance(m, Conv) and m.groups > 1]
        for module in (self.stem, *self.stages[:stages], *single):
            module.requires_grad_(False)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """Return the features at strides 8, 16 and 32 of `pixels`, shape (n, 3, height, width)."""
        taps = []
        features = pixels
        for number, part in enumerate((self._early, *self.stages[self.frozen_stages :])):
            features = part(features)
            if number + self.frozen_stages - 1 in TAPPED:
                taps.append(features)
        return taps

    def _early(self, pixels: Tensor) -> Tensor:
        """Return what the frozen part makes of `pixels`.

        One picture at a time on a CPU: so its wide layers stay within the cache.
        """
        alone = pixels.device.type == "cpu"
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen_stages):
            parts = [
                self._frozen(part) for part in torch.split(pixels, 1 if alone else len(pixels))
            ]
        return torch.cat(parts)

    def _frozen(self, pixels: Tensor) -> Tensor:
        features: Tensor = self.stem(pixels)
        for stage in self.stages[: self.frozen_stages]:
            features = stage(features)
        return features


class ProposalHead(RPNHead):  # type: ignore[misc]
    """Torchvision's proposal head, computed in the network's precision, answered in float32."""

    def __init__(self, channels: int, anchors: int, *, half: bool) -> None:
        super().__init__(channels, anchors)
        self.half_precision = half

    def forward(self, x: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return objectness and box deltas for each level."""
        with torch.autocast(x[0].device.type, torch.bfloat16, enabled=self.half_precision):
            objectness, deltas = super().forward(x)
        return [level.float() for level in objectness], [level.float() for level in deltas]


class MiniNetwork(nn.Module):
    """The whole detector over squares; `kinds` gives the kind, 0 to 5, of each class."""

    def __init__(self, kinds: tuple[int, ...], *, half: bool = False) -> None:
        super().__init__()
        self.half_precision = half
        self.backbone = Backbone()
        taps = [STAGES[number].channels for number in TAPPED]
        self.pyramid = FeaturePyramidNetwork(taps, PYRAMID_CHANNELS)
        self.proposals = _proposals(half=half)
        self.regions = KindRegions(
            MultiScaleRoIAlign(["0", "1", "2"], output_size=7, sampling_ratio=1),
            TwoMLPHead(PYRAMID_CHANNELS * 49, REGION_CHANNELS),
            RegionPredictor(REGION_CHANNELS, len(kinds)),
            kinds=kinds,
            half=half,
        )

    def losses(self, pixels: Tensor, targets: list[Targets]) -> dict[str, Tensor]:
        """Return what training makes small; `pixels` (n, 3, side, side) in [-1, 1]."""
        images, features = self._features(pixels)
        proposals, first = self.proposals(images, features, [t.as_dict() for t in targets])
        second = self.regions.losses(features, proposals, images.image_sizes, targets=targets)
        return {**first, **second}

    def forward(self, pixels: Tensor) -> list[Found]:
        """Return what each picture shows, boxes in its pixels; detectors are fed `SIZE_PX`."""
        images, features = self._features(pixels)
        proposals, _ = self.proposals(images, features)
        return self.regions.found(features, proposals, images.image_sizes)

    def settle(self) -> "MiniNetwork":
        """Make the network ready for use, no longer for training; return it.

        Weights take the precision that they are used in, which saves converting them each time.
        """
        if self.half_precision:
            heads = self.proposals.head, self.regions.box_head, self.regions.box_predictor
            for part in (self.backbone, self.pyramid, *heads):
                part.bfloat16()
        return self.requires_grad_(False).eval()

    def _features(self, pixels: Tensor) -> tuple[ImageList, dict[str, Tensor]]:
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=self.half_precision):
            taps = self.backbone(pixels)
            levels = self.pyramid({str(level): tap for level, tap in enumerate(taps)})
        height, width = pixels.shape[-2:]
        images = ImageList(pixels, [(height, width)] * len(pixels))
        return images, {name: level.float() for name, level in levels.items()}


def _stage(stage: Stage, channels: int) -> nn.Sequential:
    first = Bottleneck(stage, channels, stride=stage.stride)
    rest = [Bottleneck(stage, stage.channels, stride=1) for _ in range(stage.blocks - 1)]
    return nn.Sequential(first, *rest)


def _proposals(*, half: bool) -> RegionProposalNetwork:
    anchors = AnchorGenerator(ANCHOR_SIZES_PX, (ASPECT_RATIOS,) * len(ANCHOR_SIZES_PX))
    return RegionProposalNetwork(
        anchors,
        ProposalHead(PYRAMID_CHANNELS, anchors.num_anchors_per_location()[0], half=half),
        fg_iou_thresh=0.7,
        bg_iou_thresh=0.3,
        batch_size_per_image=96,
        positive_fraction=0.5,
        pre_nms_top_n={"training": 300, "testing": 400},
        post_nms_top_n={"training": 120, "testing": 120},
        nms_thresh=0.7,
    )
