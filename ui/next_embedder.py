"""The embedder of the model that a library is to have next, run by `semapix up` beside its own.

What is wished for stands in the library's model.json, and how far it is with the gateway: killed at
any moment, the next `semapix up` goes on.
"""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from common import errors
from ui import console, model_choice, plan
from ui.client import Client
from ui.model_choice import ModelChoice
from ui.reembedding_client import Beginning, Started
from ui.supervisor import Child, Supervisor

NAME = "embedder-next"
LOOK_EVERY_S = 1.0
ASK_S = 5.0
STOP_S = 5.0
_REFUSALS = (errors.Mismatch, errors.InvalidInput)
Ask = Callable[[str, str], Beginning]


def ask(gateway: str, embedder: str) -> Beginning:
    """Have a gateway begin, or go on, with the model of an embedder."""
    with Client(gateway) as client:
        return client.reembedding.start(embedder, timeout_s=ASK_S)


class NextEmbedder:
    """Starts it when it is wished for, and hands the house over to its model at the end."""

    def __init__(self, folder: Path, supervisor: Supervisor, *, ask: Ask = ask) -> None:
        self._folder, self._supervisor, self._ask = folder, supervisor, ask
        self._look_at, self._trouble = 0.0, ""

    def look(self) -> bool:
        """Do what is next, if it is time; return whether a process came or went."""
        if time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + LOOK_EVERY_S
        try:
            changed, trouble = self._looked(), ""
        except OSError as error:  # what could not be written, as on a full disk, is done next time
            changed, trouble = False, console.sentence(error)
        if trouble and trouble != self._trouble:
            console.complain(trouble)
        self._trouble = trouble
        return changed

    def _looked(self) -> bool:
        choice = model_choice.read(self._folder)
        child = self._supervisor.child(NAME)
        if not choice.next:
            return self._ended()
        if child is None or child.plan.environment["SEMAPIX_EMBEDDER_MODEL"] != choice.next:
            self._ended()
            self._supervisor.add(plan.embedder(choice.next, NAME))
            return True
        if child.given_up:
            return self._settled(choice, model_choice.FAILED, f"no embedder: see {child.log}")
        return self._asked(choice, child)

    def _asked(self, choice: ModelChoice, child: Child) -> bool:
        gateway = self._supervisor.child("gateway")
        if not child.healthy or gateway is None or not gateway.healthy:
            return False
        try:
            beginning = self._ask(gateway.plan.address, child.plan.address)
        except _REFUSALS as error:
            return self._settled(choice, model_choice.FAILED, str(error))
        except errors.SemapixError:  # it is asked again, and the gateway tells what is away
            return False
        if beginning.started is Started.ADOPTED and not choice.handing:
            return self._hand_over(choice)
        if beginning.started is Started.UNNEEDED:
            return self._over(choice)
        return False

    def _hand_over(self, choice: ModelChoice) -> bool:
        """Start the house's own embedder with the model that the library has now."""
        dataclasses.replace(choice, model=choice.next, handing=True).write(self._folder)
        own = self._supervisor.child("embedder")
        if own:
            environment = {**own.plan.environment, "SEMAPIX_EMBEDDER_MODEL": choice.next}
            renewed = dataclasses.replace(own.plan, environment=environment)
            self._supervisor.replace(renewed, grace_s=STOP_S)
        return True

    def _over(self, choice: ModelChoice) -> bool:
        if choice.handing:
            said = f"the library has vectors of {choice.next} now, and runs with it from now on"
            return self._settled(choice, model_choice.DONE, said)
        said = f"the library has vectors of {choice.next}: nothing is left to do"
        return self._settled(choice, model_choice.UNNEEDED, said)

    def _settled(self, choice: ModelChoice, outcome: str, message: str) -> bool:
        ended = self._ended()
        ModelChoice(choice.model, outcome=outcome, message=message).write(self._folder)
        return ended

    def _ended(self) -> bool:
        return self._supervisor.remove(NAME, grace_s=STOP_S)
