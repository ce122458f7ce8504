"""The health probe: as a function, and as the command that images and people use."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import grpc
import pytest

from common import probe, server


async def command(*arguments: str) -> tuple[int | None, str]:
    """Return exit code and output of the probe."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "common.probe", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, output.decode().strip()


def nothing(target: grpc.aio.Server) -> None:
    """Register nothing but what every server has."""


async def test_probe_follows_the_health_of_the_server() -> None:
    async with server.running(nothing, names=[], address="127.0.0.1:0") as running:
        address = f"127.0.0.1:{running.port}"
        before = await asyncio.to_thread(probe.answers, address)
        await running.set_ready()
        assert (before, await asyncio.to_thread(probe.answers, address)) == (False, True)
        assert await command(address) == (0, f"{address} serves")
    assert await command(address) == (1, f"{address} does not serve")


async def test_probe_without_an_address_says_how_it_is_used() -> None:
    code, output = await command()
    assert code == 2
    assert output.startswith("usage: ")


class Page(BaseHTTPRequestHandler):
    """Answers with the status that its server was given."""

    def do_GET(self) -> None:
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay quiet."""


@pytest.fixture
def page() -> Iterator[HTTPServer]:
    """A web server on a free port."""
    web = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield web
    web.shutdown()
    thread.join()
    web.server_close()


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False)])
def test_probe_reads_the_status_of_a_page(page: HTTPServer, status: int, well: bool) -> None:
    page.status = status  # type: ignore[attr-defined]
    assert probe.answers(f"http://127.0.0.1:{page.server_port}") is well


def test_nothing_at_an_address_does_not_answer() -> None:
    assert not probe.answers("127.0.0.1:1", timeout_s=2)
    assert not probe.answers("http://127.0.0.1:1", timeout_s=2)
