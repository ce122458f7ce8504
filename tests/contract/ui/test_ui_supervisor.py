"""`semapix up` keeps processes alive, stops them in order, and leaves none behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common import errors, probe
from ui import library, plan
from ui import supervisor as supervisor_module
from ui.plan import ServicePlan
from ui.supervisor import RestartPolicy, Supervisor

NAMES = ("index_service", "embedder_service", "detector_service", "analysis_service", "gateway")
SERVICE = """
import asyncio, os, sys, pathlib
from common import server
section = {section!r}
address = os.environ[f"SEMAPIX_{{section}}_ADDRESS"]
print("this is", section, flush=True)
asyncio.run(server.serve(lambda grpc_server: None, names=("x",), address=address))
with pathlib.Path("ended").open("a") as file:
    file.write(section + "\\n")
"""
PAGE = """
import http.server, os
host, port = os.environ["ADDRESS"].split(":")
http.server.HTTPServer((host, int(port)), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
DRIVER = """
import json, sys, time
from pathlib import Path
from common import probe
from ui import plan
from ui.supervisor import Supervisor
made = [plan.ServicePlan(f"page{n}", "page", a, {"ADDRESS": a}, 0, probe.answers_http)
        for n, a in enumerate(sys.argv[1:])]
supervisor = Supervisor(made, Path("logs"), say=lambda s: None)
supervisor.start(timeout_s=60, go_on=lambda s: time.sleep(s) or True)
print(json.dumps([one.pid for one in supervisor.running().values()]), flush=True)
time.sleep(600)
"""


def alive(pid):
    """Return whether the process runs; one that waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true, timeout_s=30.0):
    give_up_at = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < give_up_at, "did not happen in time"
        time.sleep(0.05)


def addresses(count):
    return [f"127.0.0.1:{port}" for port in list(plan.free_ports().values())[:count]]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder whose modules stand in for the heavy services."""
    (tmp_path / "page.py").write_text(PAGE)
    (tmp_path / "broken.py").write_text("print('no such model: \\x1b[31mx'); raise SystemExit(3)")
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        section = name.removesuffix("_service").upper()
        (tmp_path / name / "__main__.py").write_text(SERVICE.format(section=section))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def supervise(place):
    """Make a supervisor that is stopped in the end."""
    made = []

    def make(plans, policy=None):
        said = []
        supervisor = Supervisor(plans, place / "logs", say=said.append, policy=policy)
        made.append(supervisor)
        return supervisor, said

    yield make
    for supervisor in made:
        supervisor.stop(grace_s=1)


def page_plan(name, address):
    return ServicePlan(name, "page", address, {"ADDRESS": address}, 0, probe.answers_http)


def start(supervisor):
    return supervisor.start(timeout_s=30, go_on=lambda pause: time.sleep(pause) or True)


def test_a_killed_process_starts_again(supervise):
    one, two = addresses(2)
    supervisor, said = supervise([page_plan("one", one), page_plan("two", two)])
    assert start(supervisor)
    before = supervisor.running()
    os.kill(before["one"].pid, signal.SIGKILL)

    def back():
        supervisor.look()
        return supervisor.running()["one"].pid not in (0, before["one"].pid)

    wait_until(back)
    wait_until(lambda: probe.answers_http(one))
    assert supervisor.running()["two"] == before["two"]
    assert "one died (signal SIGKILL) and starts again in 0.2 s" in said


def test_a_process_that_never_comes_up_is_given_up_with_its_last_words(supervise):
    policy = RestartPolicy(max_unready=2, first_pause_s=0.01)
    broken = ServicePlan("detector", "broken", addresses(1)[0], {})
    supervisor, said = supervise([broken], policy)
    with pytest.raises(errors.Unavailable, match="detector died again and again"):
        start(supervisor)
    assert len([one for one in said if "died (exit code 3)" in one]) == 2
    assert said[-1].count("no such model") == 1
    assert "\x1b" not in said[-1]


def test_a_full_disk_is_told_since_no_log_can_say_so(supervise, monkeypatch):
    monkeypatch.setattr(supervisor_module, "FULL_BYTES", 2**62)
    broken = ServicePlan("detector", "broken", addresses(1)[0], {})
    supervisor, said = supervise([broken], RestartPolicy(max_unready=1))
    with pytest.raises(errors.Unavailable):
        start(supervisor)
    assert any("logs is full: make room on it" in one for one in said)


def test_a_process_that_is_not_ready_in_time_is_named(supervise):
    address = addresses(1)[0]
    deaf = ServicePlan("embedder", "page", address, {"ADDRESS": address}, 0, lambda _: False)
    supervisor, _ = supervise([deaf])
    with pytest.raises(errors.Unavailable, match="embedder is not ready in time"):
        supervisor.start(timeout_s=0.5, go_on=lambda pause: time.sleep(pause) or True)


def test_no_process_outlives_a_supervisor_that_was_killed(place):
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, *addresses(2)], stdout=subprocess.PIPE, text=True
    )
    with driver:
        pids = json.loads(driver.stdout.readline())
        assert all(alive(pid) for pid in pids)
        driver.kill()
    wait_until(lambda: not any(alive(pid) for pid in pids), timeout_s=10)


def test_a_held_library_is_refused_and_its_holder_named(semapix, tmp_path):
    with library.held(tmp_path / "library"):
        done = semapix("up", "--library", tmp_path / "library", "--free-ports")
    assert done.code == 1
    assert f"process {os.getpid()}" in done.err
    assert "--library" in done.err


def test_a_taken_port_is_refused_and_named(semapix, place):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = semapix("up", "--port-base", 40000, "--port", f"index={port}", "--no-web")
    assert done.code == 1
    assert f"port {port} for index is taken" in done.err


@pytest.fixture
def up(place):
    """A running `semapix up` of stand-ins, its output in pipes."""
    command = [
        sys.executable,
        "-m",
        "ui.main",
        "up",
        "--library",
        "lib",
        "--free-ports",
        "--no-web",
    ]
    with subprocess.Popen(
        [*command, "--no-web", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        wait_until(lambda: library.read_up_file(place / "lib") or process.poll() is not None, 60)
        yield process
        process.kill()


def pids_of(folder):
    stored = library.read_up_file(folder)
    return {name: service.pid for name, service in stored.services.items()} if stored else {}


def test_up_restarts_what_dies_and_stops_gateway_first_index_last(up, place):
    before = pids_of(place / "lib")
    assert list(before) == ["index", "embedder", "detector", "analysis", "gateway"]
    os.kill(before["embedder"], signal.SIGKILL)
    wait_until(lambda: pids_of(place / "lib").get("embedder") not in (0, before["embedder"]))
    embedder = library.read_up_file(place / "lib").services["embedder"]
    wait_until(lambda: probe.is_serving(embedder.address))
    up.send_signal(signal.SIGINT)
    printed = json.loads(up.stdout.read())
    assert up.wait(30) == 0
    assert printed["services"]["gateway"]["pid"] == before["gateway"]
    ended = (place / "ended").read_text().split()
    assert ended == ["GATEWAY", "ANALYSIS", "DETECTOR", "EMBEDDER", "INDEX"]
    assert not (place / "lib" / "up.json").exists()
    assert "this is INDEX" in (place / "lib" / "logs" / "index.log").read_text()
    assert not any(alive(pid) for pid in (*before.values(), embedder.pid))


def test_up_that_is_killed_leaves_no_process_and_no_lock(up, place):
    pids = pids_of(place / "lib").values()
    up.kill()
    up.wait()
    wait_until(lambda: not any(alive(pid) for pid in pids), timeout_s=10)
    with library.held(place / "lib"):
        pass
