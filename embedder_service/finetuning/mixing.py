"""How much of what was learnt is kept: as much as the background bears.

Weights between those of before and those of after forget far less than they lose of what was
learnt (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

from collections.abc import Callable, Mapping

import torch

SHARES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
Weights = Mapping[str, torch.Tensor]


def between(first: Weights, last: Weights, share: float) -> dict[str, torch.Tensor]:
    """Return weights that are `share` of the way from the first to the last."""
    return {name: values.lerp(last[name], share) for name, values in first.items()}


def kept(loss: Callable[[float], float], most: float) -> float:
    """Return the largest share whose loss is at most `most`; the smallest where there is none."""
    return next((share for share in SHARES if loss(share) <= most), SHARES[-1])
