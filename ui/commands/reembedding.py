"""`semapix reindex --model X`: every sample embedded anew, while the library is in use."""

import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

from rich.progress import Progress

from common import errors
from ui import address, console, library, model_choice, next_embedder, options, progress
from ui.client import Client
from ui.model_choice import ModelChoice
from ui.reembedding_client import Reembedding, Started, State

POLL_S = 1.0
STOPS_S = 60.0


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What to print: "begun", "done", "unneeded" or "cancelled", and a sentence."""

    outcome: str
    message: str


def with_model(model: str, common: options.Common, *, wait: bool) -> Report:
    """Have the `semapix up` of the library embed it anew; follow it to its end."""
    folder, wanted = _folder_that_is_up(common), model_choice.named(model)
    before = model_choice.read(folder)
    if before.next not in ("", wanted):
        raise errors.Mismatch(
            f"the library is being embedded anew with {before.next}: let that come to its end, or "
            "cancel it (`semapix reindex --cancel`)"
        )
    if not before.next:
        ModelChoice(before.model, wanted).write(folder)
    if not wait:
        return Report(
            "begun", f"embedding anew with {wanted}; `semapix status` tells how far it is"
        )
    with dataclasses.replace(common, library=folder).client() as client:
        choice = _followed(folder, client, wanted)
    if choice.outcome == model_choice.FAILED:
        raise errors.Mismatch(f"{choice.message} (the same command goes on, --cancel ends it)")
    return Report(choice.outcome or "cancelled", choice.message or "it was cancelled")


def with_embedder(embedder: str, common: options.Common, *, wait: bool) -> Report:
    """Have the library embedded anew by an embedder that somebody runs; follow it to its end."""
    with common.client() as client:
        beginning = client.reembedding.start(embedder)
        if beginning.started is Started.UNNEEDED:
            said = f"the library has vectors of {beginning.model}: nothing is left to do"
            return Report("unneeded", said)
        said = f"the gateway asks the embedder at {embedder} from now on: start the one of its "
        done = Report("done", f"{said}settings with {beginning.model}, too")
        if beginning.started is Started.ADOPTED:
            return done
        if not wait:
            return Report("begun", f"embedding anew with {beginning.model}")
        with progress.bar("samples") as bar:
            for state in _states(client, bar, beginning.model):
                if state and state.state is State.NONE:
                    same = state.serving_fingerprint == beginning.fingerprint
                    return done if same else Report("cancelled", "it was cancelled")
    raise errors.Unavailable("the gateway tells no end")


def cancel(common: options.Common) -> Report:
    """Drop what was embedded anew."""
    folder = _folder(common)
    if not common.gateway and library.is_held(folder):
        choice = model_choice.read(folder)
        if choice.handing:
            raise errors.Mismatch("it is over: the library has the vectors of the new model")
        ModelChoice(choice.model).write(folder)
        _wait_until_gone(folder)
        common = dataclasses.replace(common, library=folder)
    with common.client() as client:
        cancelled = client.reembedding.cancel()
    said = "what was embedded anew is dropped" if cancelled else "nothing was under way"
    return Report("cancelled", said)


def _followed(folder: Path, client: Client, wanted: str) -> ModelChoice:
    """Return the choice once `semapix up` has settled it. Ctrl-C stops looking, not the work."""
    with progress.bar("samples") as bar:
        for _ in _states(client, bar, wanted):
            choice = model_choice.read(folder)
            if choice.next != wanted:
                return choice
            if not library.is_held(folder):
                raise errors.Unavailable("`semapix up` has ended: the next one goes on by itself")
    raise errors.Unavailable("the gateway tells no end")


def _states(client: Client, bar: Progress, name: str) -> Iterator[Reembedding | None]:
    """Yield how it stands now and again, None while the gateway is away."""
    task = bar.add_task(f"embedding with {Path(name).name}", total=None, counts="")
    while True:
        try:
            state = client.reembedding.state()
        except (errors.Unavailable, errors.TooSlow) as error:
            bar.update(task, counts=console.clean(str(error)))
            yield None
        else:
            if state.state is not State.NONE:
                counts = console.clean(state.message)
                bar.update(task, total=state.total, completed=state.done, counts=counts)
            yield state
        time.sleep(POLL_S)


def _folder(common: options.Common) -> Path:
    named = os.environ.get(address.LIBRARY_VARIABLE, library.DEFAULT_LIBRARY)
    return common.library or Path(named)


def _folder_that_is_up(common: options.Common) -> Path:
    folder = _folder(common)
    if common.gateway or not library.is_held(folder):
        raise errors.Mismatch(
            f"no `semapix up` of this machine runs library {folder}: start it, or start an "
            "embedder with the model and name it (`semapix reindex --embedder HOST:PORT`)"
        )
    return folder


def _wait_until_gone(folder: Path) -> None:
    """Return once `semapix up` has ended the second embedder, and asks for nothing any more."""
    give_up_at = time.monotonic() + STOPS_S
    while time.monotonic() < give_up_at:
        up = library.read_up_file(folder)
        if up is None or next_embedder.NAME not in up.services:
            return
        time.sleep(POLL_S / 5)
    raise errors.Unavailable("`semapix up` does not end the embedder: try again")
