"""Which learner a model's name means."""

from pathlib import Path

from common import errors
from common.finetunings import Plan
from embedder_service import catalogue, checkpoints
from embedder_service.finetuning.clip_learner import ClipLearner
from embedder_service.finetuning.learner import Learner
from embedder_service.hardware import Hardware


def opened(model: str, plan: Plan, where: Hardware) -> Learner:
    """Return the model ready to be taught. Raises InvalidInput for one that cannot be."""
    return ClipLearner(folder(model), plan, where)


def folder(model: str) -> Path:
    """Return the folder of the CLIP checkpoint that a name means. Raises InvalidInput."""
    name = checkpoints.automatic().name if model == catalogue.AUTO else model
    path = Path(name).expanduser()
    found = path if path.is_dir() else checkpoints.cached(name)
    if found is None or checkpoints.missing(found):
        raise errors.InvalidInput("model", f"{name} is no CLIP checkpoint on this machine")
    return found
