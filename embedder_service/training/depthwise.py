"""Depthwise convolutions whose kernels are not trained, for training on processors without a GPU.

The gradient of such kernels is what torch takes longest for by far, and they are few numbers
between matrices that are trained; without them a step takes a fifth of the time.
"""

from typing import Any

import torch
from torch.nn import functional

from embedder_service import lite

# What training leaves as the package has it.
KERNELS = tuple(
    f"upper.blocks.{number}.depthwise.weight" for number in range(len(lite.Upper().blocks))
)


class _Through(torch.autograd.Function):
    """The convolution; backwards it is one with the kernel turned over."""

    @staticmethod
    def forward(ctx: Any, maps: torch.Tensor, kernel: torch.Tensor, stride: int) -> torch.Tensor:
        ctx.save_for_backward(kernel)
        ctx.stride, ctx.shape = stride, maps.shape
        pad = kernel.shape[-1] // 2
        return functional.conv2d(maps, kernel, None, stride, pad, groups=maps.shape[1])

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (kernel,) = ctx.saved_tensors
        if ctx.stride > 1:
            spread = slope.new_zeros(ctx.shape).contiguous(memory_format=torch.channels_last)
            spread[:, :, :: ctx.stride, :: ctx.stride] = slope
            slope = spread
        turned, pad = kernel.to(slope.dtype).flip(2, 3), kernel.shape[-1] // 2
        slope = slope.contiguous(memory_format=torch.channels_last)
        return functional.conv2d(slope, turned, None, 1, pad, groups=slope.shape[1]), None, None


class Frozen(lite.Conv):
    """A depthwise convolution that trains its bias alone; sides must be odd, or the stride 1."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        stride = self.stride[0]
        if stride > 1 and maps.shape[-1] % 2 == 0:
            raise ValueError(
                f"maps of side {maps.shape[-1]} with stride {stride}: wants an odd side"
            )
        looked: torch.Tensor = _Through.apply(maps, self.weight, stride)
        bias = self.bias
        return looked if bias is None else looked + bias[:, None, None].to(looked.dtype)


def freeze(upper: lite.Upper) -> None:
    """Train no kernel of a depthwise convolution of `upper`."""
    for block in upper.blocks:
        depthwise = block.depthwise
        if isinstance(depthwise, lite.Conv):
            depthwise.__class__ = Frozen
            depthwise.weight.requires_grad_(False)
