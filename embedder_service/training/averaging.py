"""The running mean of weights, which finds more than the weights of any single step."""

import copy
from typing import Generic, TypeVar

import torch

M = TypeVar("M", bound=torch.nn.Module)


class Mean(Generic[M]):
    """`module` holds the mean; early on it forgets faster, so that the start does not linger."""

    def __init__(self, source: M, decay: float) -> None:
        self.module = copy.deepcopy(source).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, source: M, step: int) -> None:
        """Take the weights after `step` steps, one or more, in."""
        share = 1 - min(self._decay, step / (step + 9))
        fresh = source.state_dict()
        for name, value in self.module.state_dict().items():
            value.lerp_(fresh[name], share)
