"""Reads the Dockerfile: its stages, and what each of them says, in the order it is performed."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).with_name("Dockerfile")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: "RUN", and what follows it with line breaks folded away."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """All that leads to the image of one service: the build stage, then its own stages."""

    service: str
    steps: tuple[Instruction, ...]

    def texts(self, name: str) -> list[str]:
        """Return what follows each instruction of that name."""
        return [step.text for step in self.steps if step.name == name]

    @property
    def environment(self) -> dict[str, str]:
        """Return what ENV sets."""
        return dict(text.split("=", 1) for text in self.texts("ENV"))

    @property
    def entry_point(self) -> list[str]:
        """Return the command in exec form. Raises ValueError if it is in another form."""
        return _exec_form(self.texts("ENTRYPOINT")[-1])

    @property
    def health_check(self) -> list[str]:
        """Return the command in exec form. Raises ValueError if it is in another form."""
        return _exec_form(self.texts("HEALTHCHECK")[-1].partition("CMD ")[2])


def image(service: str, text: str) -> Image:
    """Return the image of `service`. Raises ValueError, naming those that exist."""
    stages = _stages(text)
    parents = {name: parent for name, (parent, _) in stages.items()}
    services = [name for name, parent in parents.items() if parent == "runtime"]
    if service not in services:
        raise ValueError(f"no image for {service!r}: there are {', '.join(services)}")
    names = ("build", "runtime", service)
    return Image(service, tuple(step for name in names for step in stages[name][1]))


def services(text: str) -> list[str]:
    """Return the services that have an image."""
    return [name for name, (parent, _) in _stages(text).items() if parent == "runtime"]


def _stages(text: str) -> dict[str, tuple[str, list[Instruction]]]:
    """Return parent and instructions of each named stage."""
    stages: dict[str, tuple[str, list[Instruction]]] = {}
    steps: list[Instruction] = []
    for step in _instructions(text):
        if step.name == "FROM":
            parent, _, name = step.text.partition(" AS ")
            steps = []
            stages[name] = (parent, steps)
        else:
            steps.append(step)
    return stages


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    folded = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = [line.split(None, 1) for line in folded.splitlines() if line.strip()]
    return [Instruction(name, rest.strip()) for name, rest in found]


def _exec_form(text: str) -> list[str]:
    command = json.loads(text)
    if not isinstance(command, list):
        raise ValueError(f"{text} is not in exec form")
    return [str(word) for word in command]
