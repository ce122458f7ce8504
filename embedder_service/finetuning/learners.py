"""Which learner a model's name means."""

from pathlib import Path

from common import errors
from common.finetunings import Plan
from embedder_service import catalogue, checkpoints, mini
from embedder_service.finetuning.clip_learner import ClipLearner
from embedder_service.finetuning.learner import Learner
from embedder_service.finetuning.mini_learner import MiniLearner
from embedder_service.hardware import Hardware


def opened(model: str, plan: Plan, where: Hardware) -> Learner:
    """Return the model ready to be taught. Raises InvalidInput for one that cannot be."""
    name = checkpoints.automatic().name if model == catalogue.AUTO else model
    if name == mini.NAME:
        return MiniLearner(mini.WEIGHTS, plan, where)
    found = folder(name)
    if (found / mini.HEADS_FILE).is_file():
        return MiniLearner(found, plan, where)
    return ClipLearner(found, plan, where)


def folder(name: str) -> Path:
    """Return the folder that a name means. Raises InvalidInput."""
    path = Path(name).expanduser()
    found = path if path.is_dir() else checkpoints.cached(name)
    if found is None or (checkpoints.missing(found) and not (found / mini.HEADS_FILE).is_file()):
        raise errors.InvalidInput("model", f"{name} is no model on this machine")
    return found
