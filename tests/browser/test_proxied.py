"""The page behind a reverse proxy that shows it under a path, as nginx does with `location`."""

import contextlib
import threading
from collections.abc import Iterator

import fastapi
import httpx
import pytest
import uvicorn
from fastapi import responses
from playwright.sync_api import Browser, expect

from common.samples import Box, Kind
from tests.browser import chromium, fake_library, serving
from ui.web.settings import Settings

PREFIX = "/photos"
ICON = "static-semapix/icon.svg"
_OWN = {"connection", "transfer-encoding", "content-length", "host", "accept-encoding"}


def proxy(address: str) -> fastapi.FastAPI:
    """Return an application that passes what lies under the prefix on, the prefix taken off."""
    app = fastapi.FastAPI()
    beyond = httpx.AsyncClient(base_url=address, timeout=60)

    @app.api_route(PREFIX + "{path:path}", methods=["GET", "POST", "HEAD"])
    async def passed(path: str, request: fastapi.Request) -> fastapi.Response:
        kept = {k: v for k, v in request.headers.items() if k not in _OWN}
        kept |= {"x-forwarded-host": request.headers["host"], "accept-encoding": "identity"}
        asked = beyond.build_request(
            request.method,
            path or "/",
            params=request.query_params.multi_items(),
            content=await request.body(),
            headers=kept,
        )
        answer = await beyond.send(asked, stream=True)
        headers = {k: v for k, v in answer.headers.items() if k not in _OWN}
        body = answer.aiter_raw()
        return responses.StreamingResponse(body, answer.status_code, headers=headers)

    @app.get("/favicon.ico")
    async def icon() -> fastapi.Response:
        return fastapi.Response(status_code=204)  # what a browser asks of any host; not ours

    return app


@contextlib.contextmanager
def proxied(address: str) -> Iterator[str]:
    web = uvicorn.Server(uvicorn.Config(proxy(address), host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=web.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.port_of(web)}{PREFIX}/"
    finally:
        web.should_exit = web.force_exit = True
        thread.join(serving.START_S)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    library = fake_library.FakeLibrary()
    found = ((Kind.ANIMAL, "cat", Box(0.25, 0.2, 0.5, 0.4)),)
    library.add(fake_library.fake_photo("cat.png", fake_library.picture("green"), found))
    with (
        serving.grpc_served(library.register, fake_library.NAMES) as gateway,
        serving.page_served(gateway, Settings(root_path=PREFIX)) as page,
        proxied(page) as shown,
    ):
        yield shown


def test_the_page_works_under_the_path_of_a_proxy(browser: Browser, address: str) -> None:
    with chromium.watched(browser, address) as watched:
        page = watched.open()
        expect(page.locator("link[rel=icon]").last).to_have_attribute("href", ICON)
        expect(page.locator(".tile img").first).to_have_js_property("naturalWidth", 320)
        watched.tab("Search")
        page.locator("#search-text").locator("input, textarea").fill("cat")
        page.keyboard.press("Enter")
        expect(page.locator("#search-results .card").first).to_be_visible()
        page.locator("#search-results .frame").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("cat.png")
    assert not watched.troubles
