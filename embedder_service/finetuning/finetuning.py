"""`semapix finetune`: from a request to a model's folder."""

from dataclasses import replace

import torch

from common import errors, settings
from common.finetunings import Outcome, Request, Watch
from embedder_service import catalogue, hardware
from embedder_service.encoder import Encoder
from embedder_service.finetuning import background, batches, curve, learners, names, result
from embedder_service.finetuning.background import Background
from embedder_service.finetuning.batches import Lessons
from embedder_service.finetuning.loop import Training
from embedder_service.hardware import Hardware
from embedder_service.settings import Settings

WORK = "unfinished"
BACKGROUND_HELD_OUT = 1000
FORGOTTEN = (
    "nothing learnt was kept: after every round the loss on the background was above the "
    "tolerance; give a lower --rate, more --mix or a higher --tolerance"
)


def finetune(request: Request, watch: Watch) -> Outcome:
    """Teach the model of `request` the names of its photos; see `common.finetunings`."""
    plan = request.plan.checked()
    lessons, warnings = gathered(request)
    given = _settings(request)
    where = hardware.choose(given.device, given.precision)
    base = _loaded(given.model, where)
    work = request.out / WORK
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)  # low-rank additions start by chance
    learner = learners.opened(given.model, plan, where)
    training = Training(learner, lessons, plan, folder=work, where=where)
    points = training.run(watch)
    result.write(learner, request.out, base=base, lessons=lessons)
    before = result.knowledge(base, lessons)
    after = result.knowledge(_loaded(str(request.out), where), lessons)
    if curve.came_to_nothing(points, plan):
        warnings = (*warnings, FORGOTTEN)
    steps = points[-1].step
    outcome = Outcome(request.out, before, after, steps, training.share, warnings)
    result.describe(outcome, lessons, request, points)
    result.forget(work)
    return outcome


def gathered(request: Request) -> tuple[Lessons, tuple[str, ...]]:
    """Return what is learnt from, and a sentence for each photo that cannot be read."""
    selection = request.selection
    photos = names.read(request.photos, selection)
    readable, warnings = {}, list[str]()
    for name, paths in photos.items():
        readable[name], troubles = batches.readable(paths)
        warnings += troubles
    enough = {name: paths for name, paths in readable.items() if len(paths) > 1}
    if len(enough) < 2:
        raise errors.NotFound(f"{request.photos} has fewer than two names with readable photos")
    divided = names.divided(enough, share=request.held_out, seed=selection.seed)
    return Lessons(divided, _background(request)), tuple(warnings)


def _background(request: Request) -> Background:
    if request.background is None:
        return Background()
    seed = request.plan.seed
    return background.read(request.background, held_out=BACKGROUND_HELD_OUT, seed=seed)


def _settings(request: Request) -> Settings:
    given = settings.load(Settings, "embedder")
    return replace(
        given,
        model=request.model or given.model,
        device=request.device or given.device,
        precision=request.precision or given.precision,
    )


def _loaded(model: str, where: Hardware) -> Encoder:
    try:
        return catalogue.load(model, where)
    except ValueError as error:
        raise errors.InvalidInput("model", str(error)) from error
