"""The training itself: resumable at any step, the same whether interrupted or not."""

import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from detector_service.mini_network import SIZE_PX, MiniNetwork
from detector_service.training import batches
from detector_service.training.batches import Batch, Seed
from detector_service.training.ranks import Ranks
from detector_service.training.scenes import Floats, Scene

log = logging.getLogger(__name__)
CHECKPOINT = "checkpoint.pt"
STATES = "states"
REPORT_EVERY = 25
BACKBONE_SHARE = 0.5
MAX_NORM = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. The rate is level after a warm-up and falls to nothing over the last share.

    So `steps` may be changed when resuming, until the fall has begun. Before the fall the squares
    are smaller than those that the detector will see: twice as many for the same time.
    """

    steps: int = 4000
    batch: int = 16
    rate: float = 5e-4
    decay: float = 0.02
    warm_up: int = 100
    fall: float = 0.3
    sides_px: tuple[int, ...] = (192, 224, 256)
    average: float = 0.995
    frozen_stages: int = 3
    save_every: int = 100
    seed: int = 0

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        return self.rate * min(1.0, (step + 1) / self.warm_up, self._left(step))

    def seed_at(self, step: int, ranks: Ranks) -> Seed:
        """Return what a rank's part of the batch of a step is made from."""
        falling = self._left(step) < 1
        side = SIZE_PX if falling else self.sides_px[step % len(self.sides_px)]
        return Seed(self.seed, step * ranks.count + ranks.number, self.batch // ranks.count, side)

    def _left(self, step: int) -> float:
        """Return how much of the fall is left, above 1 before it has begun."""
        return (self.steps - step) / max(1.0, self.steps * self.fall)


class Training:
    """A network, its running average, its optimizer and how far they are."""

    def __init__(
        self, network: MiniNetwork, plan: Plan, folder: Path, *, device: str, ranks: Ranks
    ) -> None:
        self.plan, self.device, self.ranks = plan, device, ranks
        self.path = folder / CHECKPOINT
        self.states = folder / STATES
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        average = get_ema_multi_avg_fn(plan.average)  # type: ignore[no-untyped-call]
        self.averaged = AveragedModel(self.network, multi_avg_fn=average)
        self.optimizer = torch.optim.AdamW(_groups(self.network, plan), fused=True)
        self.step = 0
        if self.path.is_file():
            self._resume()

    def run(self, scenes: list[Scene], chosen: Floats) -> None:
        """Train up to the planned step."""
        steps = range(self.step, self.plan.steps)
        seeds = [self.plan.seed_at(step, self.ranks) for step in steps]
        started, first = time.monotonic(), self.step
        for made in batches.ahead(scenes, chosen, seeds):
            losses = self._step(made)
            if self.step % REPORT_EVERY == 0 and self.ranks.first:
                pace = (time.monotonic() - started) / (self.step - first)
                shown = " ".join(f"{name} {value:.3f}" for name, value in losses.items())
                log.info("step %d, %.2f s a step: %s", self.step, pace, shown)
            if self.step % self.plan.save_every == 0 or self.step == self.plan.steps:
                self.save()

    def save(self) -> None:
        """Write the checkpoint in one move; the first rank does."""
        if not self.ranks.first:
            return
        partial = self.path.with_suffix(".partial")
        torch.save(
            {
                "step": self.step,
                "plan": asdict(self.plan),
                "network": self.network.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimizer": self.optimizer.state_dict(),
            },
            partial,
        )
        partial.replace(self.path)
        self._keep()

    def _keep(self) -> None:
        """Keep the running average of this step: once the training is over, one is chosen."""
        self.states.mkdir(exist_ok=True)
        path = self.states / f"{self.step:06}.safetensors"
        save_file(halves(self.averaged.module.state_dict()), path)

    def _resume(self) -> None:
        stored = torch.load(self.path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(stored["network"])
        self.averaged.load_state_dict(stored["averaged"])
        self.optimizer.load_state_dict(stored["optimizer"])
        self.step = stored["step"]
        log.info("resumed at step %d", self.step)

    def _step(self, made: Batch) -> dict[str, float]:
        # Seeded by the step: proposals are sampled at random, and resuming must not change that.
        seed = self.plan.seed_at(self.step, self.ranks)
        torch.manual_seed(seed.training * 1_000_003 + seed.step)
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_at(self.step) * group["share"]
        targets = [target.to(self.device) for target in made.targets]
        losses = self.network.losses(made.pixels.to(self.device), targets)
        self.optimizer.zero_grad()
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        self.ranks.share(p.grad for p in self.network.parameters() if p.grad is not None)
        nn.utils.clip_grad_norm_(self.network.parameters(), MAX_NORM)
        self.optimizer.step()
        self.averaged.update_parameters(self.network)
        self.step += 1
        return {name: value.item() for name, value in losses.items()}


def halves(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state in half precision, as it is written."""
    return {key: values.detach().cpu().half().contiguous() for key, values in state.items()}


def _groups(network: MiniNetwork, plan: Plan) -> list[dict[str, object]]:
    """Return the trained parameters: slower in the backbone, no decay for biases."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, values in network.named_parameters():
        if values.requires_grad:
            key = name.startswith("backbone."), values.ndim > 1
            groups.setdefault(key, []).append(values)
    return [
        {
            "params": values,
            "share": BACKBONE_SHARE if backbone else 1.0,
            "weight_decay": plan.decay if wide else 0.0,
        }
        for (backbone, wide), values in groups.items()
    ]
