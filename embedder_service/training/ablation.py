"""The model at every stage of its making, so that it can be seen what each one brings."""

import copy
from collections.abc import Iterator

import torch

from embedder_service import mini_tuned

Stage = tuple[str, mini_tuned.Tuned]


def stages(fitted: mini_tuned.Tuned, tuned: mini_tuned.Tuned | None) -> Iterator[Stage]:
    """Yield what there is before all of it, by name; `fitted` are heads on towers as they are.

    Breadth takes no part in training: heads without it are the same. `tuned` are heads and towers
    trained together, where they were.
    """
    without = _narrow(fitted)
    yield "frozen towers, photos as they are: the first member", _alone(without, 0)
    yield "+ augmentation: the second member", _alone(without, 1)
    yield "+ both members", without
    if tuned is not None:
        yield "+ breadth", fitted
        yield "instead, towers trained together with the heads, without breadth", _narrow(tuned)


def _narrow(whole: mini_tuned.Tuned) -> mini_tuned.Tuned:
    narrow = copy.deepcopy(whole)
    narrow.heads.breadth_weight.zero_()
    return narrow


def _alone(fitted: mini_tuned.Tuned, number: int) -> mini_tuned.Tuned:
    """Return heads with every member like the one of a number, which is as good as it alone."""
    alone = copy.deepcopy(fitted)
    for head in (alone.heads.picture_head, alone.heads.text_head):
        chosen = copy.deepcopy(head.members[number].state_dict())
        for member in head.members:
            member.load_state_dict(chosen)
    alone.heads.axes.copy_(torch.eye(*alone.heads.axes.shape))
    return alone
