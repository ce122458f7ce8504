"""The gradients of a step: the loss of CLIP over all that it shows, in pieces where asked for.

The loss compares everything with everything. So that pieces do not change it, their vectors are
computed twice: without gradients for the loss, then piece by piece with what the loss wants of them
(Gao et al. 2021, "Scaling deep contrastive learning batch size under memory limited setup").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from embedder_service.finetuning.batches import Shown
from embedder_service.finetuning.learner import Learner
from embedder_service.training.learning import contrast

MOST_SCALE = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Gradients:
    """Adds to the gradients of a learner and of the logarithm of the loss' scale."""

    learner: Learner
    scale: nn.Parameter
    scaler: torch.amp.GradScaler

    def add(self, pieces: Sequence[Sequence[Shown]], *, seed: int) -> None:
        """Add those of one step; `seed` decides what dropout leaves out."""
        every = [each for piece in pieces for each in piece]
        if len(pieces) == 1:
            self._back(self._loss(every, *self._vectors(every, seed)))
            return
        with torch.no_grad():
            rows = [self._vectors(piece, seed + n) for n, piece in enumerate(pieces)]
        pictures, texts = (torch.cat(side).requires_grad_() for side in zip(*rows, strict=True))
        self._back(self._loss(every, pictures, texts))
        assert pictures.grad is not None
        assert texts.grad is not None
        sizes = [len(piece) for piece in pieces]
        wanted = zip(torch.split(pictures.grad, sizes), torch.split(texts.grad, sizes), strict=True)
        for n, (piece, (of_pictures, of_texts)) in enumerate(zip(pieces, wanted, strict=True)):
            seen, read = self._vectors(piece, seed + n)
            torch.autograd.backward([seen, read], [of_pictures, of_texts])

    def _vectors(self, shown: Sequence[Shown], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        torch.manual_seed(seed)
        pixels = [self.learner.prepare(each.image) for each in shown]
        texts = [each.text.lower() for each in shown]
        return self.learner.pictures(pixels), self.learner.texts(texts)

    def _loss(
        self, shown: Sequence[Shown], pictures: torch.Tensor, texts: torch.Tensor
    ) -> torch.Tensor:
        """Return the loss of CLIP; photos of one name fit each other's texts, too."""
        also = torch.tensor([[_same(a, b) for b in shown] for a in shown], device=pictures.device)
        scale = self.scale.exp().clamp(max=MOST_SCALE).to(pictures.device)
        return contrast(scale * (pictures @ texts.T), also.fill_diagonal_(fill_value=False))

    def _back(self, loss: torch.Tensor) -> None:
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]


def _same(one: Shown, other: Shown) -> bool:
    return bool(one.name) and one.name == other.name
