"""Which photos and texts a step shows: decided by the seed and the step, by nothing before it."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from common import errors, images
from common.finetunings import Plan
from embedder_service.finetuning import names
from embedder_service.finetuning.background import Background, Captioned
from embedder_service.finetuning.names import Divided, Named

LEAST_SIDE = 0.8


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, a text that fits it, and the name it stands for; "" for the background."""

    image: Image.Image
    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Lessons:
    """Everything that a training draws from."""

    targets: Divided
    background: Background

    def steps(self, plan: Plan) -> int:
        """Return how many steps show every target photo once."""
        return math.ceil(len(self.targets.learnt) / plan.targets)

    def batch(self, step: int, plan: Plan) -> list[Shown]:
        """Return what the step shows, targets and background mixed."""
        epoch, place = divmod(step, self.steps(plan))
        order = random.Random(f"{plan.seed} epoch {epoch}").sample(
            self.targets.learnt, len(self.targets.learnt)
        )
        chance = random.Random(f"{plan.seed} step {step}")
        taken = order[place * plan.targets : (place + 1) * plan.targets]
        shown = [_target(each, chance) for each in taken]
        beside = min(plan.batch - plan.targets, len(self.background.learnt))
        if plan.background:
            drawn = chance.sample(self.background.learnt, beside)
            shown += [_captioned(each, chance) for each in drawn]
        return chance.sample(shown, len(shown))


def readable(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the photos that can be decoded, and a sentence for each that cannot."""
    good, troubles = list[Path](), list[str]()
    for path in paths:
        try:
            decoded(path)
            good.append(path)
        except (OSError, errors.InvalidInput) as error:
            troubles.append(f"{path} is left out: {error}")
    return good, troubles


def decoded(path: Path) -> Image.Image:
    """Return the upright RGB picture. Raises OSError or InvalidInput."""
    return images.decode(path.read_bytes(), field=str(path)).image


def opened(photo: Captioned) -> Image.Image:
    """Return the upright RGB picture. Raises OSError or InvalidInput."""
    return images.decode(photo.opened(), field=photo.name).image


def _target(photo: Named, chance: random.Random) -> Shown:
    text = chance.choice(names.TEMPLATES).format(photo.name)
    return Shown(_varied(decoded(photo.path), chance), text, photo.name)


def _captioned(photo: Captioned, chance: random.Random) -> Shown:
    return Shown(_varied(opened(photo), chance), chance.choice(photo.captions), "")


def _varied(image: Image.Image, chance: random.Random) -> Image.Image:
    """Return a large part of the picture, mirrored half the time."""
    width, height = (max(1, round(side * chance.uniform(LEAST_SIDE, 1))) for side in image.size)
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    part = image.crop((left, top, left + width, top + height))
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if chance.random() < 0.5 else part
