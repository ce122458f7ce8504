"""A whole Semapix as `semapix up` starts it, with real processes and the embedded models."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ui import library

SEMAPIX = [sys.executable, "-m", "ui.main"]
MODELS = {"SEMAPIX_EMBEDDER_MODEL": "mini"}
START_S, STOP_S = 240, 60


@dataclass(frozen=True, slots=True)
class House:
    """A running library and the commands a person would type."""

    folder: Path

    def command(self, *words: str | Path, ok: tuple[int, ...] = (0,)) -> Any:
        """Return what `semapix WORDS --json` prints, None for nothing; `ok` are exit codes."""
        line = [*SEMAPIX, *map(str, words), "--json", "--library", str(self.folder)]
        result = subprocess.run(line, capture_output=True, text=True, timeout=280, check=False)
        assert result.returncode in ok, result.stderr
        return json.loads(result.stdout) if result.stdout else None

    def start_command(self, *words: str | Path) -> "subprocess.Popen[str]":
        """Start the same in the background, with Ctrl-C heard even where these tests ignore it."""
        line = [*SEMAPIX, *map(str, words), "--json", "--library", str(self.folder)]
        return subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_hear_ctrl_c
        )

    def up_file(self) -> library.UpFile:
        """Return what `semapix up` says of its processes."""
        up = library.read_up_file(self.folder)
        assert up is not None, f"nothing runs {self.folder}"
        return up

    def address(self, name: str) -> str:
        """Return "host:port" of one service."""
        return self.up_file().services[name].address

    def kill(self, name: str) -> None:
        """Kill one service with SIGKILL."""
        os.kill(self.up_file().services[name].pid, signal.SIGKILL)

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Stop one service with SIGSTOP until the block ends."""
        pid = self.up_file().services[name].pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


def _hear_ctrl_c() -> None:
    """Undo what a shell does to processes that it starts in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def started(folder: Path, *options: str) -> Iterator[House]:
    """Run `semapix up` on free ports until the block ends."""
    line = [*SEMAPIX, "up", "--library", str(folder), "--free-ports", *options]
    log = folder.parent / "up.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            line, env={**MODELS, **os.environ}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(folder / library.UP_FILE, process, log)
        yield House(folder)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 0, log.read_text()


def _wait_for(file: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up_at = time.monotonic() + START_S
    while not file.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < give_up_at, log.read_text()
        time.sleep(0.2)
