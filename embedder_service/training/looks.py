"""What a tower makes of more pictures than fit into memory with all that gradients need.

They pass twice: all without gradients, and again a few at a time with what the loss wants of them
(Gao et al. 2021, "Scaling deep contrastive learning batch size under memory limited setup").
"""

from collections.abc import Sequence

import torch

from embedder_service.hardware import Hardware


class Looks:
    """`pooled`, float32, (n, 1280), takes part in a loss; `back` carries its gradients on."""

    def __init__(
        self, upper: torch.nn.Module, pieces: Sequence[torch.Tensor], hardware: Hardware
    ) -> None:
        self._upper, self._pieces, self._hardware = upper, pieces, hardware
        with torch.no_grad():
            self.pooled = torch.cat([self._pooled(piece) for piece in pieces]).requires_grad_()

    def back(self) -> None:
        """Add to the gradients of the tower, once those of `pooled` are there."""
        assert self.pooled.grad is not None
        slopes = torch.split(self.pooled.grad, [len(piece) for piece in self._pieces])
        for piece, slope in zip(self._pieces, slopes, strict=True):
            self._pooled(piece).backward(slope)  # type: ignore[no-untyped-call]

    def _pooled(self, piece: torch.Tensor) -> torch.Tensor:
        with self._hardware.towers():
            pooled: torch.Tensor = self._upper(piece.to(self._hardware.device))
        return pooled
