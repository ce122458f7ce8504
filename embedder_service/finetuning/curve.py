"""How a training went, evaluation by evaluation, and when it has to end."""

from collections.abc import Sequence

from common.finetunings import Plan, Point


def is_kept(points: Sequence[Point], plan: Plan) -> bool:
    """Say whether the weights of the last evaluation are the best so far.

    They have to be within the tolerance of the background's loss before the training.
    """
    newest = points[-1]
    fit = [each for each in points[1:] if _is_within(each, points[0], plan)]
    return newest in fit and newest.target_loss <= min(each.target_loss for each in fit)


def is_over(points: Sequence[Point], plan: Plan) -> bool:
    """Say whether the background has been forgotten for `patience` evaluations on end."""
    recent = points[1:][-plan.patience :]
    forgotten = [not _is_within(each, points[0], plan) for each in recent]
    return len(recent) == plan.patience and all(forgotten)


def _is_within(point: Point, first: Point, plan: Plan) -> bool:
    if point.background_loss is None or first.background_loss is None:
        return True
    return point.background_loss <= first.background_loss * (1 + plan.tolerance)


def came_to_nothing(points: Sequence[Point], plan: Plan) -> bool:
    """Say whether no evaluation was within the tolerance, so that nothing learnt was kept."""
    return not any(_is_within(each, points[0], plan) for each in points[1:])
