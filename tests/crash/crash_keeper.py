"""Keeps the services of a library running until SIGTERM: `python crash_keeper.py LIBRARY`.

A process of its own, as `semapix up` is: one that forks all the time is no place for gRPC clients.
"""

import json
import signal
import sys
import threading
from pathlib import Path

from ui import plan
from ui.supervisor import RestartPolicy, Supervisor

VICTIMS = ("gateway", "index", "embedder", "detector")
NEVER_GIVES_UP = RestartPolicy(max_quick=10**9, max_unready=10**9, longest_pause_s=0.2)
READY_S = 240.0
STATE = "keeper.json"


def main(folder: Path) -> None:
    """Start everything, restart what dies, say in a file where everything is."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    plans = plan.services(folder, plan.free_ports(), web=False)
    supervisor = Supervisor(
        [one for one in plans if one.name in VICTIMS],
        folder / "logs",
        say=lambda _: None,
        policy=NEVER_GIVES_UP,
    )
    try:
        supervisor.start(timeout_s=READY_S, go_on=lambda s: not stop.wait(s))
        _tell(supervisor, folder)
        while not stop.wait(0.1):
            if supervisor.look():
                _tell(supervisor, folder)
    finally:
        supervisor.stop()


def _tell(supervisor: Supervisor, folder: Path) -> None:
    running = supervisor.running()
    state = {name: {"address": one.address, "pid": one.pid} for name, one in running.items()}
    draft = folder / f"{STATE}.part"
    draft.write_text(json.dumps(state))
    draft.replace(folder / STATE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
