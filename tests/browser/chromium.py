"""Headless Chromium, and a page that is watched: what goes wrong in it is kept."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

PROGRAM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-unsafe-swiftshader",  # the map needs WebGL, and there is no graphics card
)
# What the page itself gives up: Gradio closes its event stream, a picture left the gallery.
GIVEN_UP = "net::ERR_ABORTED"
# What Gradio says when a page is left while an answer is under way: nobody sees it any more.
LEFT = (
    "AbortError: BodyStreamBuffer was aborted",
    "AbortError: signal is aborted",
    "Unexpected error Connection errored out",
)
THUMBNAIL = re.compile(r"^thumbnails/[0-9a-f]{64}\?size=\d+$")


@dataclass
class Watched:
    """A page and everything that went wrong in it."""

    page: Page
    address: str
    troubles: list[str] = field(default_factory=list)

    def open(self) -> Page:
        """Load the page; returns once it shows the library."""
        self.page.goto(self.address)
        self.page.locator("#home-summary .count, #home-summary .problem").first.wait_for()
        return self.page

    def tab(self, name: str) -> None:
        """Go to a tab."""
        self.page.get_by_role("tab", name=name, exact=True).click()


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Run Chromium until the block ends."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=PROGRAM, args=[*FLAGS])
        try:
            yield running
        finally:
            running.close()


@contextlib.contextmanager
def watched(
    running: Browser,
    address: str,
    *,
    width: int = 1440,
    height: int = 900,
    scheme: str = "light",
    touch: bool = False,
) -> Iterator[Watched]:
    """Open an empty page whose console, failures and requests to other hosts are kept."""
    context = running.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=touch,
    )
    page = context.new_page()
    seen = Watched(page, address)
    note = seen.troubles.append
    page.on("console", lambda one: note(_complaint(one)) if _is_trouble(one) else None)
    page.on("pageerror", lambda error: note(f"script: {error}"))
    page.on("response", lambda one: note(f"{one.status} {one.url}") if one.status >= 400 else None)
    page.on("request", lambda one: None if _is_near(one.url, address) else note(f"left {one.url}"))
    page.on(
        "requestfailed",
        lambda one: None if one.failure == GIVEN_UP else note(f"failed {one.url}: {one.failure}"),
    )
    yield seen
    context.close()


def _is_trouble(message: ConsoleMessage) -> bool:
    return message.type == "error" and not message.text.startswith(LEFT)


def _complaint(message: ConsoleMessage) -> str:
    return f"console: {message.text} {message.location.get('url', '')}"


def _is_near(url: str, address: str) -> bool:
    return url.startswith((address.rstrip("/") + "/", "data:", "blob:"))
