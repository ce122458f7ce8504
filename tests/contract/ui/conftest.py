"""The command line as a process, and gateways for it to talk to."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ui.main import main

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@dataclass(frozen=True)
class Done:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class FakeGateway:
    """A running fake; `process` ends when it dies."""

    process: "subprocess.Popen[str]"
    port: int
    state: Path

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


Start = Callable[..., FakeGateway]
Semapix = Callable[..., Done]


def environment() -> dict[str, str]:
    """Return the environment without the settings of whoever runs the tests."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("SEMAPIX_")}
    return {**own, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos'}"}


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[Start]:
    """Start a fake gateway; all are killed in the end."""
    with ExitStack() as stack:

        def start(*, port: int = 0, die_after: int = 0) -> FakeGateway:
            state = tmp_path / "committed"
            command = [sys.executable, str(HERE / "fake_gateway.py")]
            process = subprocess.Popen(
                [*command, str(port), str(state), str(die_after)],
                stdout=subprocess.PIPE,
                text=True,
                env=environment(),
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            assert process.stdout
            stack.callback(process.stdout.close)
            return FakeGateway(process, int(process.stdout.readline()), state)

        yield start


@pytest.fixture
def semapix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Semapix:
    """Run the command line in an empty folder: `main` as a person's shell calls it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for variable in [name for name in os.environ if name.startswith("SEMAPIX_")]:
        monkeypatch.delenv(variable)

    def run(*arguments: object, gateway: FakeGateway | None = None) -> Done:
        named = ["--gateway", gateway.address] if gateway else []
        monkeypatch.setattr(sys, "argv", ["semapix", *map(str, arguments), *named])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder with three good photos, one of them twice, a bad one, and other files."""
    folder = tmp_path / "photos"
    (folder / "below" / ".hidden").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"photo a" + bytes(2**21))  # three pieces
    (folder / "b.PNG").write_bytes(b"photo b")
    (folder / "below" / "c.webp").write_bytes(b"photo c")
    (folder / "below" / "again.jpg").write_bytes(b"photo b")
    (folder / "below" / "d.tif").write_bytes(b"bad photo")
    for name in ("notes.txt", ".dot.jpg", "below/.hidden/e.jpg"):
        (folder / name).write_bytes(b"not to be sent")
    return folder
