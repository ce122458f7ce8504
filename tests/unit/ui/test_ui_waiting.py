"""Waiting ends when the work is done, not when nobody can say how much there is."""

import dataclasses

import pytest

from common import errors
from common.samples import Stage
from ui.answers import ServiceState, Status
from ui.waiting import wait_for_stages

INDEX = ServiceState("index", True, (), "")
BASE = Status((INDEX,), 5, {}, {}, {}, 7, "", "", 0, ())
GONE = dataclasses.replace(BASE, services=(dataclasses.replace(INDEX, serving=False),), photos=0)
UNHEARD = dataclasses.replace(BASE, revision=0, photos=0)


def to_do(count):
    return dataclasses.replace(BASE, pending={Stage.OCR: count})


class ScriptedGateway:
    """Answers with one status or error after the other; the last for ever."""

    def __init__(self, *script):
        self.script = list(script)

    def status(self):
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step


def remaining(*script, patience_s=60.0):
    states = wait_for_stages(ScriptedGateway(*script), patience_s=patience_s, poll_s=0.0)
    return [state.status.remaining for state in states]


def test_it_waits_until_nothing_is_left():
    assert remaining(to_do(3), to_do(1), to_do(0)) == [3, 1, 0]


@pytest.mark.parametrize("gap", [errors.Unavailable("gone"), GONE, UNHEARD])
def test_counts_that_nobody_knows_do_not_end_the_wait(gap):
    assert remaining(to_do(3), gap, gap, to_do(2), to_do(0)) == [3, 2, 0]


@pytest.mark.parametrize("gap", [errors.Unavailable("gone"), GONE])
def test_patience_ends_with_an_error_where_nobody_answers(gap):
    with pytest.raises(errors.Unavailable):
        remaining(gap, patience_s=0.0)


def test_stages_that_stand_still_are_left_behind():
    assert remaining(to_do(3), patience_s=0.0) == [3, 3]
