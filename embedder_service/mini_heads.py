"""The trained part of the embedded model: from what the towers say to one space of 512 dimensions.

A vector has two parts. The first comes from two heads trained on photos with captions, each of
several members that are brought onto the main axes of what they say together. The second brings
breadth: a picture is the mixture of the ImageNet class names that the classifier sees in it, as
text vectors (ConSE: Norouzi et al. 2014), a text is itself; both pass one fixed projection.
"""

import math

import torch
from torch import nn
from torch.nn.functional import normalize

from embedder_service import mini_towers

LEARNED, BREADTH = 256, 256
DIMENSION = LEARNED + BREADTH
MEMBERS = 2
HIDDEN = 768
TOP_CLASSES = 30
MIXTURE_SCALE = 20.0
PICTURE_INPUTS = mini_towers.PICTURE_WIDTH + mini_towers.TEXT_WIDTH


class Member(nn.Module):
    """A straight line and a bend beside it, onto the unit sphere."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.line = nn.Linear(width, LEARNED)
        self.bend = nn.Sequential(
            nn.Linear(width, HIDDEN), nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, LEARNED)
        )
        self.norm = nn.LayerNorm(LEARNED)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return unit rows, shape (n, 256)."""
        return normalize(self.norm(self.line(inputs) + self.bend(inputs)), dim=-1)


class Head(nn.Module):
    """Members that learnt apart, side by side: what one mistakes another may not."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(Member(width) for _ in range(MEMBERS))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return unit rows, shape (n, 512)."""
        members: list[torch.Tensor] = [member(inputs) for member in self.members]
        return torch.cat(members, dim=-1) / math.sqrt(MEMBERS)


class Heads(nn.Module):
    """Both heads, and the constants that belong to them."""

    mean: torch.Tensor
    spread: torch.Tensor
    class_names: torch.Tensor
    projection: torch.Tensor
    breadth_weight: torch.Tensor
    axes: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.picture_head = Head(PICTURE_INPUTS)
        self.text_head = Head(mini_towers.TEXT_WIDTH)
        self.register_buffer("mean", torch.zeros(mini_towers.PICTURE_WIDTH))
        self.register_buffer("spread", torch.ones(mini_towers.PICTURE_WIDTH))
        self.register_buffer(
            "class_names", torch.zeros(mini_towers.CLASSES, mini_towers.TEXT_WIDTH)
        )
        self.register_buffer("projection", torch.zeros(mini_towers.TEXT_WIDTH, BREADTH))
        self.register_buffer("breadth_weight", torch.tensor(1.0))
        self.register_buffer("axes", torch.eye(MEMBERS * LEARNED, LEARNED))

    def pictures(self, seen: mini_towers.Seen) -> torch.Tensor:
        """Return unit rows, float32, shape (n, 512)."""
        mixture = self.mixture(seen.shares)
        return self._joined(self.picture_head(self.inputs(seen.pooled, mixture)), mixture)

    def texts(self, read: mini_towers.Read) -> torch.Tensor:
        """Return unit rows, float32, shape (n, 512)."""
        return self._joined(self.text_head(read.tuned), read.plain)

    def mixture(self, shares: torch.Tensor) -> torch.Tensor:
        """Return the class names seen, mixed by the roots of their shares: unit rows, (n, 384)."""
        best, classes = shares.topk(TOP_CLASSES, dim=1)
        names = self.class_names[classes]
        return normalize((names * best.sqrt()[..., None]).sum(1), dim=-1)

    def inputs(self, pooled: torch.Tensor, mixture: torch.Tensor) -> torch.Tensor:
        """Return what the picture head looks at, shape (n, 1664)."""
        return torch.cat([(pooled - self.mean) / self.spread, MIXTURE_SCALE * mixture], dim=1)

    def breadth(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return unit rows, shape (n, 256), of vectors in the text tower's space."""
        return normalize(vectors @ self.projection, dim=-1)

    def _joined(self, members: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        learned = normalize(members @ self.axes, dim=-1)
        both = torch.cat([learned, self.breadth_weight * self.breadth(vectors)], dim=1)
        return normalize(both, dim=-1)
