"""`semapix up`: a whole library as processes of this machine, until Ctrl-C."""

import dataclasses
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from ui import console, library, model_choice, options, plan
from ui.next_embedder import NextEmbedder
from ui.supervisor import TICK_S, Supervisor

app = typer.Typer()
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclasses.dataclass(frozen=True, slots=True)
class UpOptions:
    library: Annotated[
        Path, typer.Option(envvar="SEMAPIX_LIBRARY", help="Folder of the library; made if absent.")
    ] = library.DEFAULT_LIBRARY
    model: Annotated[
        str, typer.Option(help="Encoder: mini, a folder, or a cached CLIP.", show_default=False)
    ] = ""
    no_web: Annotated[bool, typer.Option("--no-web", help="Leave the web page out.")] = False
    port_base: Annotated[
        int | None,
        typer.Option(
            help="Gateway at this port; embedder, detector, index, analysis and web at the next.",
            show_default=False,
        ),
    ] = None
    port: Annotated[
        list[str], typer.Option(help="NAME=PORT for one service.", show_default=False)
    ] = dataclasses.field(default_factory=list)
    free_ports: Annotated[bool, typer.Option("--free-ports", help="Take any free ports.")] = False
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds until everything has to be ready.")
    ] = 300.0
    json: Annotated[bool, typer.Option("--json", help="Print JSON once all is ready.")] = False


@options.plain_command(app, "up", UpOptions)
def up(given: UpOptions) -> None:
    """Start every service and the web page, and restart what dies, until Ctrl-C.

    Logs are in LIBRARY/logs; LIBRARY/up.json says where everything is while it runs.
    """
    with library.held(given.library):
        chosen = plan.free_ports() if given.free_ports else plan.ports(given.port_base, given.port)
        model = given.model or model_choice.read(given.library).model
        plans = plan.services(given.library, chosen, web=not given.no_web, model=model)
        plan.refuse_taken(plans)
        _run(given, plans)


def _run(given: UpOptions, plans: Sequence[plan.ServicePlan]) -> None:
    stop = _Stop()
    supervisor = Supervisor(plans, given.library / "logs", say=_say)
    try:
        _say(f"starting {', '.join(one.name for one in plans)}")
        if supervisor.start(timeout_s=given.timeout, go_on=stop.not_within):
            _show(given, _up_file(given, supervisor))
        following = NextEmbedder(given.library, supervisor)
        while stop.not_within(TICK_S):
            if supervisor.look() | following.look():
                _up_file(given, supervisor)
    finally:
        _say("stopping")
        stop.hurry = supervisor.kill
        supervisor.stop()


class _Stop:
    """The first signal asks for an orderly end, a second one for a quick one."""

    def __init__(self) -> None:
        self.hurry: Callable[[], None] = lambda: None
        self._asked = threading.Event()
        for number in SIGNALS:
            signal.signal(number, self._hear)

    def not_within(self, seconds: float) -> bool:
        """Wait; return False as soon as the end is asked for."""
        return not self._asked.wait(seconds)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._asked.is_set():
            self.hurry()
        self._asked.set()


def _up_file(given: UpOptions, supervisor: Supervisor) -> library.UpFile:
    folder = str(given.library.absolute())
    made = library.UpFile(os.getpid(), folder, supervisor.running())
    made.write()
    return made


def _show(given: UpOptions, made: library.UpFile) -> None:
    if given.json:
        console.print_json(made)
        return
    rows = console.table("service", "address", "process>", "log")
    for name, service in made.services.items():
        address = f"http://{service.address}" if name == "web" else service.address
        rows.add_row(name, address, str(service.pid), console.cell(service.log))
    console.output().print(rows)
    console.output().print(console.cell(f"library {made.library} is up; Ctrl-C stops it"))


def _say(sentence: str) -> None:
    for line in sentence.splitlines():
        console.progress_output().print(console.cell(line, "dim"), soft_wrap=True)
