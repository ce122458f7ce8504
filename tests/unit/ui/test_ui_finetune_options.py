"""`semapix finetune` asks for what was typed, and prints what became of it."""

import json
from pathlib import Path

import pytest

from common.finetunings import RATES, Knowledge, Mode, Outcome, Point, Request, Watch
from ui.commands import evaluating, finetuning
from ui.commands.finetuning import FinetuneOptions

BEFORE = Knowledge("ab", 0.1, None, 0.2, 0.3, 0.4, 0.5, None)
AFTER = Knowledge("cd", 0.2, None, 0.4, 0.6, 0.8, 1.0, None)


def options(**given: object) -> FinetuneOptions:
    return FinetuneOptions(Path("family"), Path("model"), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", list(Mode))
def test_the_rate_is_that_of_the_mode_unless_one_is_given(mode: Mode) -> None:
    assert options(mode=mode).request().plan.rate == RATES[mode]
    assert options(mode=mode, rate=0.5).request().plan.rate == 0.5


def test_without_a_background_none_is_mixed_in() -> None:
    assert options(mix=2.0).request().plan.background == 0
    assert options(mix=2.0, background=Path("photos")).request().plan.background == 2


def test_names_are_chosen_by_a_list_with_commas() -> None:
    assert options(only=" Ann, Bob,,").request().selection.only == ("Ann", "Bob")


def taught(request: Request, watch: Watch) -> Outcome:
    watch(0, 2, Point(0, 1.5, 0.1, 0.25, None, None, None))
    return Outcome(request.out, BEFORE, AFTER, 2, warnings=("one.jpg is left out",))


def test_before_and_after_are_printed_and_warnings_go_beside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    finetuning.run(taught, options(json=True))
    out, err = capsys.readouterr()
    assert json.loads(out)["after"]["name_r_at_5"] == 0.6
    assert "one.jpg is left out" in err
    finetuning.run(taught, options())
    out, _ = capsys.readouterr()
    assert "0.300" in out
    assert "0.600" in out
    assert "background" not in out


def test_the_figures_of_a_round_say_nothing_of_a_background_that_is_not_there() -> None:
    assert "background" not in finetuning.line(Point(0, 1.5, 0.1, 0.25, None, None, None))
    assert "background found 80%" in finetuning.line(Point(0, 1.5, 0.1, 0.25, 2.0, 0.3, 0.8))


def test_words_in_a_list_are_one_line_of_a_sheet() -> None:
    found = dict(evaluating.lines({"left": ["one", "two"], "none": [], "records": [{"a": 1}]}))
    assert found == {"left": "one; two", "none": "none"}
