"""Batches of the training, each a function of the seed and its number alone."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from detector_service.mini_regions import Targets
from detector_service.training.augmentation import square
from detector_service.training.scenes import Floats, Scene

# A class that fewer photos show than this share is seen more often than it comes.
COMMON_SHARE = 0.1
MOST_REPEATS = 8.0
CERTAIN_FACTOR = 3.0
AHEAD = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """`pixels` (n, 3, side, side) in [-1, 1]; one `Targets` a picture."""

    pixels: Tensor
    targets: list[Targets]


@dataclass(frozen=True, slots=True)
class Seed:
    """All that a batch depends on besides the scenes: `size` squares of `side_px` pixels."""

    training: int
    step: int
    size: int
    side_px: int


def frequencies(scenes: list[Scene], *, certain: int) -> Floats:
    """Return how often to draw each scene, (n,), summing to 1.

    The rarest class of a scene decides (repeat factors as for long-tailed data sets); the last
    `certain` scenes, labelled by people, count more.
    """
    shown = np.stack([scene.chances[:, 1:].max(0, initial=0) for scene in scenes])
    share = np.maximum(shown.mean(0), 1e-4)
    factor = np.sqrt(COMMON_SHARE / share).clip(1, MOST_REPEATS)
    weights = 1 + ((factor - 1) * shown).max(1)
    if certain:
        weights[-certain:] *= CERTAIN_FACTOR
    return np.asarray(weights / weights.sum())


def batch(scenes: list[Scene], chosen: Floats, seed: Seed) -> Batch:
    """Return the batch of `seed`; the scenes are drawn as often as `chosen` says."""
    chance = np.random.default_rng((seed.training, seed.step))
    numbers = chance.choice(len(scenes), size=(seed.size, 4), p=chosen)
    squares = [square([scenes[n] for n in four], seed.side_px, chance) for four in numbers]
    pixels = torch.from_numpy(np.stack([pixels for pixels, _, _ in squares]))
    targets = [Targets(*map(torch.from_numpy, found)) for _, *found in squares]
    return Batch(scaled(pixels), targets)


def scaled(pixels: Tensor) -> Tensor:
    """Return uint8 (n, height, width, 3) as the network takes it."""
    return (pixels.permute(0, 3, 1, 2).float() - 127) / 128


def ahead(scenes: list[Scene], chosen: Floats, seeds: Sequence[Seed]) -> Iterator[Batch]:
    """Yield the batch of each seed, made by a thread while the ones before are used."""
    with ThreadPoolExecutor(1) as pool:
        waiting: deque[Future[Batch]] = deque()
        for seed in seeds:
            waiting.append(pool.submit(batch, scenes, chosen, seed))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
