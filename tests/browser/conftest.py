"""A browser for each file of tests, and the real services once for all of them.

Chromium does not outlive a file: Playwright's loop would stand in the way of asynchronous tests.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests import house
from tests.browser import chromium
from ui.client import Client
from ui.library import UpFile

PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)  # a machine that does other things is slow, not wrong


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; the test skips where it is not installed."""
    if not chromium.PROGRAM.is_file():
        pytest.skip(f"{chromium.PROGRAM} not found: apt-get install chromium")
    with chromium.browser() as running:
        yield running


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpFile]:
    """All six processes with the embedded models, over an empty library."""
    with house.started(tmp_path_factory.mktemp("up") / "library") as running:
        yield running.up_file()


@pytest.fixture(scope="session")
def library(services: UpFile) -> Iterator[Client]:
    """A client of the same library."""
    with Client(services.gateway) as client:
        yield client


@pytest.fixture
def page(services: UpFile, browser: Browser) -> Iterator[chromium.Watched]:
    """The page of the real services; nothing may go wrong in it."""
    address = f"http://{services.services['web'].address}"
    with chromium.watched(browser, address) as watched:
        yield watched
    assert not watched.troubles


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[chromium.Watched]:
    """The page at the `address` of a file of tests; nothing may go wrong in it."""
    with chromium.watched(browser, address) as watched:
        yield watched
    assert not watched.troubles
