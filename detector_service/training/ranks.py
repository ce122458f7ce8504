"""Several processes that train one network: `torchrun --nproc-per-node N -m ...`, or just one.

Every rank makes its own part of each batch, and the mean of the gradients keeps them the same.
"""

import atexit
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which of how many processes this is; the first one writes."""

    number: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this one writes the files."""
        return self.number == 0

    def share(self, gradients: Iterable[Tensor]) -> None:
        """Replace each gradient by its mean over the ranks."""
        if self.count == 1:
            return
        each = list(gradients)
        flat = torch.cat([values.reshape(-1) for values in each])
        distributed.all_reduce(flat)
        parts = torch.split(flat / self.count, [values.numel() for values in each])
        for values, part in zip(each, parts, strict=True):
            values.copy_(part.view_as(values))

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """Let the first rank do what follows, and then the others."""
        if not self.first:
            distributed.barrier()
        yield
        if self.first and self.count > 1:
            distributed.barrier()


def joined(device: str) -> Ranks:
    """Return this process's place among those that torchrun started; without it, it is alone.

    With "cuda", each takes the GPU of its number.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return Ranks()
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    # Threads of the group that still run when the interpreter ends abort the process.
    atexit.register(distributed.destroy_process_group)
    if device.startswith("cuda"):
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    return Ranks(distributed.get_rank(), count)
