"""What `semapix up` does for a library that is to have another model, step by step, any of which
may be its last."""

import dataclasses
from pathlib import Path

import pytest

from common import errors
from ui import model_choice, next_embedder, plan
from ui.model_choice import ModelChoice
from ui.next_embedder import NextEmbedder
from ui.plan import ServicePlan
from ui.reembedding_client import Beginning, Started


@dataclasses.dataclass
class Process:
    """A process of the supervisor below."""

    plan: ServicePlan
    healthy: bool = True
    given_up: bool = False
    log: str = "embedder-next.log"


class Processes:
    """A supervisor that starts nothing."""

    def __init__(self) -> None:
        names = ("embedder", "gateway")
        self.made = {
            name: Process(ServicePlan(name, name, f"h:{at}", {"SEMAPIX_EMBEDDER_MODEL": "old"}))
            for at, name in enumerate(names)
        }

    def child(self, name: str) -> Process | None:
        return self.made.get(name)

    def add(self, one: ServicePlan) -> None:
        self.made[one.name] = Process(one)

    def replace(self, one: ServicePlan, *, grace_s: float) -> None:
        self.made[one.name] = Process(one)

    def remove(self, name: str, *, grace_s: float) -> bool:
        return self.made.pop(name, None) is not None

    def model(self, name: str) -> str:
        return self.made[name].plan.environment["SEMAPIX_EMBEDDER_MODEL"]


class Up:
    """One life of `semapix up`, with a gateway that answers as it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, Processes()
        self.answer: Started | errors.SemapixError = Started.BEGUN
        self.asked: list[str] = []
        self._following = NextEmbedder(folder, self.processes, ask=self._ask)  # type: ignore[arg-type]

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self._following.look()

    def _ask(self, gateway: str, embedder: str) -> Beginning:
        self.asked.append(gateway)
        if isinstance(self.answer, errors.SemapixError):
            raise self.answer
        return Beginning(self.answer, "f", "X")

    @property
    def choice(self) -> ModelChoice:
        return model_choice.read(self.folder)


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Up:
    monkeypatch.setattr(next_embedder, "LOOK_EVERY_S", 0)
    ModelChoice(next="X").write(tmp_path)
    return Up(tmp_path)


def test_nothing_is_started_without_a_wish(tmp_path: Path) -> None:
    up = Up(tmp_path)
    up.look()
    assert set(up.processes.made) == {"embedder", "gateway"}


def test_the_second_embedder_runs_the_new_model_beside_the_old(up: Up) -> None:
    up.look(3)
    assert (up.processes.model("embedder"), up.processes.model(next_embedder.NAME)) == ("old", "X")
    assert up.asked == ["h:1", "h:1"]
    assert up.choice == ModelChoice(next="X")


def test_after_the_swap_the_house_runs_the_new_model_for_good(up: Up) -> None:
    up.look(2)
    up.answer = Started.ADOPTED
    up.look(2)
    assert up.processes.model("embedder") == "X"
    assert up.choice == ModelChoice("X", "X", handing=True)
    up.answer = Started.UNNEEDED
    up.look()
    assert next_embedder.NAME not in up.processes.made
    assert (up.choice.model, up.choice.next, up.choice.outcome) == ("X", "", model_choice.DONE)


@pytest.mark.parametrize("lives", [1, 2, 3, 4])
def test_killed_after_any_step_the_next_life_ends_it(up: Up, lives: int) -> None:
    answers = [Started.BEGUN, Started.ADOPTED, Started.UNNEEDED]
    for life, answer in enumerate(answers):
        up.answer = answer
        up.look(2)
        if life < lives:
            up = Up(up.folder)
            up.answer = answer
            up.look()
    up.look(2)
    assert (up.choice.model, up.choice.outcome) == ("X", model_choice.DONE)
    assert next_embedder.NAME not in up.processes.made


def test_a_model_that_the_library_has_changes_nothing(up: Up) -> None:
    up.answer = Started.UNNEEDED
    up.look(2)
    assert (up.choice.model, up.choice.outcome) == ("", model_choice.UNNEEDED)
    assert set(up.processes.made) == {"embedder", "gateway"}
    assert up.processes.model("embedder") == "old"


def test_a_gateway_that_refuses_ends_it_with_its_reason(up: Up) -> None:
    up.answer = errors.Mismatch("no room")
    up.look(2)
    assert (up.choice.outcome, up.choice.message) == (model_choice.FAILED, "no room")
    assert next_embedder.NAME not in up.processes.made


def test_a_gateway_that_is_away_is_asked_again(up: Up) -> None:
    up.answer = errors.Unavailable("away")
    up.look(3)
    assert (len(up.asked), up.choice) == (2, ModelChoice(next="X"))


def test_an_embedder_that_cannot_start_ends_it(up: Up) -> None:
    up.look()
    up.processes.made[next_embedder.NAME].given_up = True
    up.look()
    assert up.choice.outcome == model_choice.FAILED
    assert "embedder-next.log" in up.choice.message


def test_taking_the_wish_back_ends_the_second_embedder(up: Up) -> None:
    up.look(2)
    ModelChoice().write(up.folder)
    up.look()
    assert next_embedder.NAME not in up.processes.made


@pytest.mark.parametrize("healthy", ["gateway", next_embedder.NAME])
def test_nobody_is_asked_before_both_are_ready(up: Up, healthy: str) -> None:
    up.look()
    for name in ("gateway", next_embedder.NAME):
        up.processes.made[name].healthy = name == healthy
    up.look(2)
    assert not up.asked


def test_a_folder_is_named_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert model_choice.named("mine") == str(tmp_path / "mine")
    assert model_choice.named("mini") == "mini"


def test_a_choice_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / model_choice.FILE).write_text("{")
    with pytest.raises(errors.DataLoss, match=r"model\.json"):
        model_choice.read(tmp_path)


def test_an_embedder_of_its_own_takes_a_free_port() -> None:
    first, second = (plan.embedder("X", next_embedder.NAME) for _ in range(2))
    assert first.environment["SEMAPIX_EMBEDDER_ADDRESS"] == first.address
    assert second.environment["SEMAPIX_EMBEDDER_MODEL"] == "X"


def test_a_folder_that_cannot_be_used_is_said_once(
    up: Up, capsys: pytest.CaptureFixture[str]
) -> None:
    (up.folder / model_choice.FILE).unlink()
    (up.folder / model_choice.FILE).mkdir()
    up.look(3)
    assert capsys.readouterr().err.count(model_choice.FILE) == 1
