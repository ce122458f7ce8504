"""The training itself: resumable at any moment, the same whether interrupted or not."""

import hashlib
import logging
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from common import errors
from common.finetunings import Plan, Point, Watch
from embedder_service import fingerprints
from embedder_service.finetuning import curve, measuring, mixing
from embedder_service.finetuning.batches import Lessons
from embedder_service.finetuning.gradients import Gradients
from embedder_service.finetuning.learner import Learner
from embedder_service.hardware import Hardware

log = logging.getLogger(__name__)
CHECKPOINT = "checkpoint.pt"
MAX_NORM, WARM_UP = 1.0, 0.1
WATCHED = 200


class Training:
    """A learner, its optimizer, how far they are, and the best weights so far.

    share: how much of what was learnt is kept in the end, in (0, 1].

    `folder` keeps the checkpoint; one that is there is gone on with. Raises InvalidInput if it was
    made by another plan, of other weights, or for other photos.
    """

    def __init__(
        self, learner: Learner, lessons: Lessons, plan: Plan, *, folder: Path, where: Hardware
    ) -> None:
        self._learner, self._lessons, self.plan = learner, lessons, plan
        self.path = folder / CHECKPOINT
        # Small gradients vanish in float16 unless the loss is made large meanwhile.
        halves = where.dtype is torch.float16
        self._scaler = torch.amp.GradScaler(where.device.type, enabled=halves)
        self.scale = nn.Parameter(torch.tensor(math.log(learner.scale)))
        self._gradients = Gradients(learner, self.scale, self._scaler)
        self._weights = {each.name: each.values for each in learner.learning()}
        self._optimizer = torch.optim.AdamW(self._groups(), lr=plan.rate)
        self.steps = plan.epochs * lessons.steps(plan)
        self.step, self.points = 0, list[Point]()
        self._first = self._best = self._copied()
        self._start = fingerprints.fingerprint(self._first, "")
        self.share = 1.0
        if self.path.is_file():
            self._resume()

    def run(self, watch: Watch) -> list[Point]:
        """Train to the end and return the curve; the learner has the weights that are kept."""
        epoch = self._lessons.steps(self.plan)
        if not self.points:
            self._evaluate(watch)
        while self.step < self.steps and not curve.is_over(self.points, self.plan):
            self._learn()
            watch(self.step, self.steps, None)
            if self.step % epoch == 0:
                self._evaluate(watch)
            if self.step % epoch == 0 or self.step % self.plan.save_every == 0:
                self._save()
        if self._lessons.background.watched:
            self.share = mixing.kept(self._loss_with, self._bearable())
        self._restore(mixing.between(self._first, self._best, self.share))
        return self.points

    def _loss_with(self, share: float) -> float:
        """Return the loss on the background when so much of what was learnt is kept."""
        self._restore(mixing.between(self._first, self._best, share))
        watched = self._lessons.background.watched[:WATCHED]
        found = measuring.of_background(measuring.Taught(self._learner), watched)
        return found.loss(self._learner.scale)

    def _bearable(self) -> float:
        return (self.points[0].background_loss or 0.0) * (1 + self.plan.cost)

    def _learn(self) -> None:
        self._learner.module.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self.plan.rate * self._share()
        shown = self._lessons.batch(self.step, self.plan)
        pieces = [shown[start :: self.plan.accumulate] for start in range(self.plan.accumulate)]
        self._optimizer.zero_grad()
        seed = self.plan.seed * 1_000_003 + self.step * self.plan.accumulate
        self._gradients.add(list(filter(None, pieces)), seed=seed)
        self._scaler.unscale_(self._optimizer)
        nn.utils.clip_grad_norm_(self._weights.values(), MAX_NORM)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self.step += 1

    def _share(self) -> float:
        """Return the share of the full rate: a rise, then a cosine."""
        done = (self.step + 1) / self.steps
        return min(done / WARM_UP, 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))

    def _evaluate(self, watch: Watch) -> None:
        taught = measuring.Taught(self._learner)
        names = measuring.of_names(taught, self._lessons.targets.watched)
        background = self._lessons.background.watched[:WATCHED]
        rest = measuring.of_background(taught, background) if background else None
        scale = self._learner.scale
        figures = rest.figures() if rest else None
        self.points.append(
            Point(
                step=self.step,
                target_loss=names.loss(scale),
                target_similarity=names.similarity,
                hits=names.figures().hits,
                background_loss=rest.loss(scale) if rest else None,
                background_similarity=rest.similarity if rest else None,
                kept=figures.recalls[-1] if figures else None,
            )
        )
        if self.step and curve.is_kept(self.points, self.plan):
            self._best = self._copied()
        watch(self.step, self.steps, self.points[-1])

    def _groups(self) -> list[dict[str, Any]]:
        """Return the parameters: no decay for biases, norms and the temperature."""
        wide = [values for values in self._weights.values() if values.ndim > 1]
        thin = [values for values in self._weights.values() if values.ndim <= 1]
        return [
            {"params": wide, "weight_decay": self.plan.decay},
            {"params": [*thin, self.scale], "weight_decay": 0.0},
        ]

    def _copied(self) -> dict[str, torch.Tensor]:
        return {name: values.detach().cpu().clone() for name, values in self._weights.items()}

    @torch.no_grad()
    def _restore(self, weights: dict[str, torch.Tensor]) -> None:
        for name, values in self._weights.items():
            values.copy_(weights[name])

    def _save(self) -> None:
        """Write the checkpoint in one move."""
        partial = self.path.with_suffix(".partial")
        torch.save(
            {
                "identity": self._identity(),
                "step": self.step,
                "points": [asdict(each) for each in self.points],
                "scale": self.scale.detach(),
                "weights": self._copied(),
                "best": self._best,
                "optimizer": self._optimizer.state_dict(),
                "scaler": self._scaler.state_dict(),
            },
            partial,
        )
        partial.replace(self.path)

    def _resume(self) -> None:
        stored = torch.load(self.path, map_location="cpu", weights_only=True)
        if stored["identity"] != self._identity():
            way = "give the same options, or another folder"
            raise errors.InvalidInput("out", f"{self.path} is of another training: {way}")
        self._restore(stored["weights"])
        self._best, self.step = stored["best"], stored["step"]
        self.points = [Point(**each) for each in stored["points"]]
        with torch.no_grad():
            self.scale.copy_(stored["scale"])
        self._optimizer.load_state_dict(stored["optimizer"])
        self._scaler.load_state_dict(stored["scaler"])
        log.info("going on at step %d of %d", self.step, self.steps)

    def _identity(self) -> str:
        """Return what has to be equal for a checkpoint to be gone on with."""
        targets, background = self._lessons.targets, self._lessons.background
        shown = [(each.path.name, each.name) for each in (*targets.learnt, *targets.watched)]
        beside = [each.name for each in (*background.learnt, *background.watched)]
        photos = hashlib.sha256(repr((shown, beside)).encode())
        return repr((asdict(self.plan), photos.hexdigest(), self._start))
