"""Performs the Dockerfile's steps for some services, each in a clean venv, and starts them.

Usage: python docker/rehearse.py [--json] SERVICE [...]

Steps that only an image can take (apt-get, useradd, USER, VOLUME) are named and left out.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import dockerfile

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "transformers", "hnswlib", "sklearn", "gradio")
READY_S = 120.0
STOP_S = 20.0
IN_IMAGE_ONLY = ("apt-get", "useradd")
_FIND = """
import importlib.util, json, sys
print(json.dumps([name for name in sys.argv[1:] if importlib.util.find_spec(name)]))
"""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was seen of one service; seconds of installing, of starting, and of stopping.

    `help`: whether the command `semapix --help` works there.
    """

    service: str
    importable: list[str]
    help: bool
    left_out: list[str]
    install_s: float
    ready_s: float
    stop_s: float
    exit_code: int


class Venv:
    """One image's steps in a temporary folder that stands for the image's root."""

    def __init__(self, image: dockerfile.Image, root: Path) -> None:
        self.image, self._root = image, root
        self._port = _free_port()
        self.left_out: list[str] = []

    def build(self) -> None:
        """Copy and run what the Dockerfile says. Raises RuntimeError with what a step printed."""
        for folder in ("src", "library", "models", "opt"):
            (self._root / folder).mkdir()
        for step in self.image.steps:
            if step.name == "COPY" and not step.text.startswith("--from"):
                self._copy(step.text)
            elif step.name == "RUN":
                self._run(step.text)

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the venv, in the folder of the library, and return its output."""
        return subprocess.run(
            self._here(list(command)),
            cwd=self._root / "library",
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the entry point."""
        with log.open("wb") as out:
            return subprocess.Popen(
                self._here(self.image.entry_point),
                cwd=self._root / "library",
                env=self._environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def is_healthy(self) -> bool:
        """Whether the Dockerfile's health check passes."""
        return self.call(*self.image.health_check).returncode == 0

    def _copy(self, text: str) -> None:
        *sources, target = text.split()
        skip = shutil.ignore_patterns("__pycache__")
        for name in sources:
            place = self._root / "src" / (name if target == "./" else target)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place, ignore=skip)
            else:
                shutil.copy(ROOT / name, place)

    def _run(self, text: str) -> None:
        if any(word in text for word in IN_IMAGE_ONLY):
            self.left_out.append(text)
            return
        command = text.replace("/opt/", f"{self._root}/opt/")
        command = command.replace("python -m venv", f"'{sys.executable}' -m venv")
        environment = {**_clean_environment(), "SERVICE": self.image.service}
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self._root / "src",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{text}\nfailed with exit code {done.returncode}:\n{done.stdout}")

    def _here(self, command: list[str]) -> list[str]:
        """Return a command of the image with this venv's program and port."""
        program, *rest = command
        return [str(self._root / "opt/semapix/bin" / program), *map(self._ported, rest)]

    def _environment(self) -> dict[str, str]:
        said = {name: self._ported(value) for name, value in self.image.environment.items()}
        said["PATH"] = f"{self._root}/opt/semapix/bin:{os.environ['PATH']}"
        return {**_clean_environment(), **said}

    def _ported(self, text: str) -> str:
        """Return `text` on the free port and the loopback, and below the temporary folder."""
        text = text.replace(f":{self.image.texts('EXPOSE')[-1]}", f":{self._port}")
        if text.startswith(("/library", "/models")):
            return f"{self._root}{text}"
        return text.replace("0.0.0.0", "127.0.0.1")


def rehearse(service: str) -> Rehearsal:
    """Return what was seen of `service`. Raises RuntimeError, with its log, if it is not ready."""
    image = dockerfile.image(service, dockerfile.PATH.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix=f"semapix-{service}-") as folder:
        venv, log = Venv(image, Path(folder)), Path(folder) / "log"
        began = time.monotonic()
        venv.build()
        installed = time.monotonic()
        with _started(venv, log) as process:
            _wait_until_ready(venv, process, log)
            ready = time.monotonic()
            found = venv.call("python", "-c", _FIND, *HEAVY).stdout
            helps = venv.call("semapix", "--help").returncode == 0
            asked = time.monotonic()
            process.terminate()
            code = process.wait(STOP_S)
        return Rehearsal(
            service,
            importable=json.loads(found),
            help=helps,
            left_out=venv.left_out,
            install_s=round(installed - began, 1),
            ready_s=round(ready - installed, 1),
            stop_s=round(time.monotonic() - asked, 1),
            exit_code=code,
        )


@contextlib.contextmanager
def _started(venv: Venv, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = venv.start(log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(venv: Venv, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while not venv.is_healthy():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(
                f"{venv.image.service} is not ready (exit code {process.returncode}):\n"
                f"{log.read_text(errors='replace')[-4000:]}"
            )
        time.sleep(0.3)


def _clean_environment() -> dict[str, str]:
    """Return the environment without what would lend the venv packages or settings."""
    dropped = ("PYTHON", "SEMAPIX_", "VIRTUAL_ENV", "COV_")
    return {k: v for k, v in os.environ.items() if not k.startswith(dropped)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Rehearse the services named on the command line, one after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = dockerfile.services(dockerfile.PATH.read_text(encoding="utf-8"))
    parser.add_argument("service", nargs="+", choices=known)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args()
    for service in given.service:
        seen = rehearse(service)
        print(json.dumps(asdict(seen)) if given.json else _sentence(seen), flush=True)


def _sentence(seen: Rehearsal) -> str:
    absent = [name for name in HEAVY if name not in seen.importable]
    left_out = "".join(f"\n  left out: {text}" for text in seen.left_out)
    return (
        f"{seen.service}: installed in {seen.install_s} s, healthy after {seen.ready_s} s, "
        f"stopped in {seen.stop_s} s with exit code {seen.exit_code}\n"
        f"  can be imported: {', '.join(seen.importable) or 'none'}; "
        f"cannot: {', '.join(absent) or 'none'}; "
        f"semapix --help {'works' if seen.help else 'does not work'}{left_out}"
    )


if __name__ == "__main__":
    main()
