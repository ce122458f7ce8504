"""Keeps processes alive: starts them in waves, restarts what dies, stops all in order."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from common import errors
from ui import child, console
from ui.library import RunningService
from ui.plan import ServicePlan

DRAIN_S = 15.0
TICK_S = 0.2
LOG_LINES = 15
MAX_LOG_BYTES = 20 * 2**20
FULL_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When a dead process starts again, and when it is given up.

    A death is quick when the process was not ready yet, or had run for less than `quick_s`
    seconds. The pause doubles with each quick death in a row; `max_quick` of them are enough, and
    `max_unready` where it was never ready at all: then something is wrong with the installation.
    """

    quick_s: float = 10.0
    max_quick: int = 6
    max_unready: int = 3
    first_pause_s: float = 0.2
    longest_pause_s: float = 10.0

    def pause_s(self, deaths: int) -> float:
        """Return how long to wait after so many quick deaths, at least 1."""
        return float(min(self.first_pause_s * 2 ** (deaths - 1), self.longest_pause_s))


class Child:
    """One process and its history."""

    def __init__(self, plan: ServicePlan, log: Path, policy: RestartPolicy) -> None:
        self.plan, self.log, self._policy = plan, log, policy
        self.healthy = self.was_ready = self.given_up = False
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._started_at = self._start_at = 0.0
        self._log_start = 0

    @property
    def running(self) -> RunningService:
        pid = self._process.pid if self._process else 0
        return RunningService(self.plan.address, pid, str(self.log))

    def start(self) -> None:
        """Start the process, its output added to the log."""
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                child.command(self.plan.module),
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.plan.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C must reach `up` alone, which stops the others in order
            )
        self._started_at, self.healthy = time.monotonic(), False

    def look(self) -> str:
        """Notice what happened and act on it; return a sentence about it, mostly empty."""
        if self.given_up:
            return ""
        if self._process is None:
            return self._start_again()
        code = self._process.poll()
        if code is not None:
            return self._died(code)
        if not self.healthy and self.plan.answers(self.plan.address):
            self.healthy = self.was_ready = True
            return f"{self.plan.name} is ready"
        return ""

    def _start_again(self) -> str:
        if time.monotonic() < self._start_at:
            return ""
        self.start()
        return f"{self.plan.name} starts again"

    def _died(self, code: int) -> str:
        quick = not self.healthy or time.monotonic() - self._started_at < self._policy.quick_s
        self._deaths = self._deaths + 1 if quick else 1
        pause_s = self._policy.pause_s(self._deaths)
        self._process, self.healthy = None, False
        self._start_at = time.monotonic() + pause_s
        enough = self._policy.max_quick if self.was_ready else self._policy.max_unready
        self.given_up = self._deaths >= enough
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        next_step = "is given up" if self.given_up else f"starts again in {pause_s:.1f} s"
        return f"{self.plan.name} died ({how}) and {next_step}{_full(self.log.parent)}"

    def stop(self, grace_s: float) -> None:
        """Ask the process to end, wait, then end it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the process and what it started, now."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def last_lines(self) -> str:
        """Return the end of what the process last started wrote into the log."""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - 8192))
            lines = log.read().decode("utf-8", "replace").splitlines()[-LOG_LINES:]
        return "\n".join(console.clean(line) for line in [f"last lines of {self.log}:", *lines])


def _full(folder: Path) -> str:
    """Return that the disk of the logs is full where it is: then no log can say so."""
    full = shutil.disk_usage(folder).free < FULL_BYTES
    return f"; the disk of {folder} is full: make room on it" if full else ""


class Supervisor:
    """The processes of one library. `say` hears what a person should know."""

    def __init__(
        self,
        plans: Sequence[ServicePlan],
        logs: Path,
        *,
        say: Callable[[str], None],
        policy: RestartPolicy | None = None,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs, self._policy = logs, policy or RestartPolicy()
        self._children = [self._made(plan) for plan in plans]
        self._started: list[Child] = []
        self._say = say

    def running(self) -> dict[str, RunningService]:
        """Return where each process is."""
        return {one.plan.name: one.running for one in self._children}

    def child(self, name: str) -> Child | None:
        """Return a process by its name, None if there is none."""
        return next((one for one in self._children if one.plan.name == name), None)

    def add(self, plan: ServicePlan) -> None:
        """Start one more process."""
        child = self._made(plan)
        child.start()
        self._children.append(child)
        self._started.append(child)

    def replace(self, plan: ServicePlan, *, grace_s: float = DRAIN_S) -> None:
        """Stop the process of that name and start it as `plan` says, in the same order."""
        before, after = self.child(plan.name), self._made(plan)
        if before is None:
            return
        before.stop(grace_s)
        for group in (self._children, self._started):
            group[group.index(before)] = after
        after.start()

    def remove(self, name: str, *, grace_s: float = DRAIN_S) -> bool:
        """Stop a process for good; return whether there was one."""
        child = self.child(name)
        if child is None:
            return False
        child.stop(grace_s)
        self._children.remove(child)
        self._started.remove(child)
        return True

    def _made(self, plan: ServicePlan) -> Child:
        return Child(plan, self._logs / f"{plan.name}.log", self._policy)

    def start(self, *, timeout_s: float, go_on: Callable[[float], bool]) -> bool:
        """Start all, wave by wave, until each answers. Return False when `go_on` ended it.

        `go_on` pauses for the seconds it is given, and returns False when all should stop.
        Raises Unavailable for a process that does not come up; `say` hears the end of its log.
        """
        give_up_at = time.monotonic() + timeout_s
        for wave in self._waves():
            for one in wave:
                one.start()
                self._started.append(one)
            while not all(one.healthy for one in wave):
                self.look()
                self._refuse_dead(late=time.monotonic() > give_up_at)
                if not go_on(TICK_S):
                    return False
        return True

    def look(self) -> bool:
        """Restart what died. Return whether a process came or went."""
        sentences = [(one, one.look()) for one in self._started]
        for one, sentence in sentences:
            if sentence:
                self._say(sentence)
            if sentence and one.given_up:
                self._say(one.last_lines())
        return any(sentence for _, sentence in sentences)

    def stop(self, *, grace_s: float = DRAIN_S) -> None:
        """Stop all, last started first, so that nobody asks a service that is gone."""
        while self._started:
            self._started[-1].stop(grace_s)
            self._started.pop()

    def kill(self) -> None:
        """End all now; what they acknowledged is on disk already."""
        for one in self._started:
            one.kill()

    def _waves(self) -> Iterator[list[Child]]:
        for number in sorted({one.plan.wave for one in self._children}):
            yield [one for one in self._children if one.plan.wave == number]

    def _refuse_dead(self, *, late: bool) -> None:
        for one in self._started:
            if one.given_up:
                raise errors.Unavailable(f"{one.plan.name} died again and again: see {one.log}")
            if late and not one.healthy:
                self._say(one.last_lines())
                raise errors.Unavailable(f"{one.plan.name} is not ready in time: see {one.log}")
