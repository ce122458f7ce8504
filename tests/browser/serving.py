"""Servers for browser tests, each in a thread of its own, on ports that the system picks."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence

import uvicorn

from common import server
from tests.browser import fake_library
from ui import client
from ui.web import app
from ui.web.settings import Settings

START_S = 30.0


@contextlib.contextmanager
def grpc_served(register: server.Register, names: Sequence[str]) -> Iterator[str]:
    """Serve in a thread until the block ends; yields "host:port"."""
    ready: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        listening = server.running(register, names=names, address="127.0.0.1:0", drain_s=0.2)
        async with listening as serving:
            await serving.set_ready()
            await ready.put(serving.port)
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(ready.get(), loop).result(START_S)
        yield f"127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_S)


@contextlib.contextmanager
def page_served(gateway: str, settings: Settings | None = None) -> Iterator[str]:
    """Serve the web page of the library behind `gateway`; yields its address."""
    with client.Client(gateway) as library:
        config = uvicorn.Config(
            app.build(library, settings), host="127.0.0.1", port=0, log_config=None
        )
        web = uvicorn.Server(config)
        thread = threading.Thread(target=web.run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port_of(web)}"
        finally:
            web.should_exit = web.force_exit = True
            thread.join(START_S)


def port_of(web: uvicorn.Server) -> int:
    """Return the port of a server that is starting, once it listens."""
    for _ in range(int(START_S / 0.05)):
        if web.started:
            return int(web.servers[0].sockets[0].getsockname()[1])
        threading.Event().wait(0.05)
    raise TimeoutError("the web page did not start")


@contextlib.contextmanager
def shown(contents: fake_library.FakeLibrary) -> Iterator[str]:
    """Serve the page of a made-up library; yields its address."""
    with (
        grpc_served(contents.register, fake_library.NAMES) as gateway,
        page_served(gateway) as address,
    ):
        yield address
