"""EfficientNet-Lite2 (Tan and Le 2019, without squeeze and swish): looks at pictures.

Batch normalisation is folded into the convolutions before it, for it is never trained here.
"""

from collections.abc import Iterator, Mapping
from typing import cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional

# Per stage: blocks, kernel, stride, growth of the inner width, channels out.
STAGES = (
    (1, 3, 1, 1, 16),
    (3, 3, 2, 6, 24),
    (3, 5, 2, 6, 48),
    (4, 3, 2, 6, 88),
    (4, 5, 1, 6, 120),
    (5, 5, 2, 6, 208),
    (1, 3, 1, 6, 352),
)
STEM, WIDTH, CLASSES = 32, 1280, 1000
EPSILON = 1e-3
# Blocks below the cut never change.
CUT, CUT_SHAPE = 15, (120, 17, 17)
Weights = Mapping[str, torch.Tensor]


class Conv(nn.Conv2d):
    """A convolution that pads as TensorFlow does: the odd pixel below and to the right."""

    def __init__(
        self, width: int, out: int, *, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(width, out, kernel, stride, groups=groups)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        maps, pad = self._padded(maps)
        return functional.conv2d(maps, self.weight, self.bias, self.stride, pad, groups=self.groups)

    def bent(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the convolution cut off below 0 and above 6.

        On a processor in 16 bits both are one step: cutting off alone takes longer than looking.
        """
        there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        able = there and maps.device.type == "cpu"
        if not able or self.weight.dtype is not torch.bfloat16 or torch.is_grad_enabled():
            return functional.relu6(self(maps), inplace=True)
        maps, pad = self._padded(maps.to(self.weight.dtype))
        fused: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
            maps,
            self.weight,
            self.bias,
            [pad, pad],
            self.stride,
            self.dilation,
            self.groups,
            "hardtanh",
            [0.0, 6.0],
            "",
        )
        return fused

    def _padded(self, maps: torch.Tensor) -> tuple[torch.Tensor, int]:
        """Return maps with what is padded on one side alone, and what is left on every side."""
        low, odd = divmod(_padding(maps.shape[-1], self.kernel_size[0], self.stride[0]), 2)
        return (functional.pad(maps, (low, low + 1, low, low + 1)), 0) if odd else (maps, low)


def _padding(side: int, kernel: int, stride: int) -> int:
    return max((-(-side // stride) - 1) * stride + kernel - side, 0)


class Block(nn.Module):
    """Widen, look around in each channel, narrow; added to what came in where shapes allow."""

    def __init__(self, width: int, out: int, *, kernel: int, stride: int, growth: int) -> None:
        super().__init__()
        inner = width * growth
        self.expand = Conv(width, inner) if growth > 1 else nn.Identity()
        self.depthwise = Conv(inner, inner, kernel=kernel, stride=stride, groups=inner)
        self.project = Conv(inner, out)
        self._adds = stride == 1 and width == out

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        inner = self.expand.bent(maps) if isinstance(self.expand, Conv) else maps
        out = cast("torch.Tensor", self.project(self.depthwise.bent(inner)))
        return out + maps if self._adds else out


class Lower(nn.Module):
    """From pictures to the maps at the cut."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, STEM, kernel=3, stride=2)
        first, *others = _blocks()[:CUT]
        self.block, self.blocks = first, nn.ModuleList(others)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return maps, shape (n, 120, 17, 17), of (n, 3, 260, 260) in [-1, 1]."""
        return self.rest(self.first(pictures))

    def first(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the maps after the first block, where rounding would move vectors most."""
        return cast("torch.Tensor", self.block(self.stem.bent(pictures)))

    def rest(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the maps at the cut, of those of `first`."""
        for block in self.blocks:
            maps = block(maps)
        return maps


class Upper(nn.Module):
    """From the maps at the cut to what the picture shows; this half is trained."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_blocks()[CUT:])
        self.head = Conv(STAGES[-1][-1], WIDTH)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the mean over the last maps, float32, shape (n, 1280)."""
        for block in self.blocks:
            maps = block(maps)
        return self.head.bent(maps).float().mean((2, 3))


class Lite(nn.Module):
    """The whole tower with its ImageNet classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.lower, self.upper = Lower(), Upper()
        self.classifier = nn.Linear(WIDTH, CLASSES)


def _blocks() -> list[Block]:
    blocks, width = [], STEM
    for repeats, kernel, stride, growth, out in STAGES:
        for number in range(repeats):
            step = stride if number == 0 else 1
            blocks.append(Block(width, out, kernel=kernel, stride=step, growth=growth))
            width = out
    return blocks


def from_package(weights: Weights) -> Lite:
    """Return the tower of a state dict as efficientnet-lite-pytorch names it, folded."""
    tower = Lite()
    classifier = {f"classifier.{part}": weights[f"_fc.{part}"] for part in ("weight", "bias")}
    tower.load_state_dict({**dict(_convolutions(weights)), **classifier})
    return tower.eval().requires_grad_(False)


def _convolutions(weights: Weights) -> Iterator[tuple[str, torch.Tensor]]:
    yield from folded(weights, "_conv_stem", "_bn0", "lower.stem")
    yield from folded(weights, "_conv_head", "_bn1", "upper.head")
    for number in range(sum(stage[0] for stage in STAGES)):
        ours, theirs = f"{_place(number)}.", f"_blocks.{number}."
        if f"{theirs}_expand_conv.weight" in weights:
            yield from folded(weights, f"{theirs}_expand_conv", f"{theirs}_bn0", f"{ours}expand")
        yield from folded(weights, f"{theirs}_depthwise_conv", f"{theirs}_bn1", f"{ours}depthwise")
        yield from folded(weights, f"{theirs}_project_conv", f"{theirs}_bn2", f"{ours}project")


def _place(number: int) -> str:
    if number >= CUT:
        return f"upper.blocks.{number - CUT}"
    return f"lower.blocks.{number - 1}" if number else "lower.block"


def folded(weights: Weights, conv: str, norm: str, name: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield weights and bias, which are part of the fingerprint: the same on every processor.

    NumPy rounds as IEEE 754 says; the square root of torch is that of MKL, whose last digit
    depends on the processor.
    """
    kernel, gain, shift, mean, variance = (
        weights[key].numpy()
        for key in (
            f"{conv}.weight",
            *(f"{norm}.{part}" for part in ("weight", "bias", "running_mean", "running_var")),
        )
    )
    scale = gain / np.sqrt(variance + np.float32(EPSILON))
    yield f"{name}.weight", torch.from_numpy(kernel * scale[:, None, None, None])
    yield f"{name}.bias", torch.from_numpy(shift - mean * scale)
