"""What holds on every page: nothing moves under the pointer, all can be read and reached."""

import json
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from common.samples import Box, Kind
from tests.browser import chromium, fake_library, serving, steady
from tests.browser.chromium import Watched

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
ASKED = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
BOX = Box(0.25, 0.3, 0.5, 0.4)
PHOTOS = 70
TABS = ("Home", "Search", "Clusters", "Map", "Duplicates", "Status", "API")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The page of seventy photos with something in each."""
    contents = fake_library.FakeLibrary(pending=3, groups_of_duplicates=3)
    for number in range(PHOTOS):
        found = ((Kind.ANIMAL, "cat", BOX), (Kind.TEXT, f"EXIT {number}", BOX))
        picture = fake_library.picture(f"#{number:02x}80c0")
        contents.add(fake_library.fake_photo(f"photo-{number}.png", picture, found))
    contents.imports.begin(label="holiday.zip", total=240, added=100)
    contents.imports.reject("broken.jpg", "The picture is damaged: it ends early.")
    with serving.shown(contents) as address:
        yield address


def fill(watched: Watched, name: str) -> None:
    """Go to a page and bring onto it what it is for."""
    page = watched.page
    watched.tab(name)
    if name == "Search":
        page.locator("#search-text").locator("input, textarea").fill("cat")
        page.locator("#search-go").click()
        expect(page.locator("#search-results .card").first).to_be_visible()
        weights = page.get_by_text("What counts how much")
        if weights.is_visible():
            weights.click()
    if name == "Clusters":
        page.locator("#clusters-start").click()
        expect(page.locator("#clusters-found .cluster").first).to_be_visible()
    if name == "Map":
        page.locator("#map-start").click()
        page.wait_for_function("document.querySelector('.map-plot')?.data?.length")
    if name == "Duplicates":
        page.locator("#duplicates-start").click()
        expect(page.locator(".group").first).to_be_visible()
    if name == "Status":
        expect(page.locator("#status .service").first).to_be_visible()
    if name == "API":
        expect(page.locator(".rpc").first).to_be_visible()


def complaints(page: Page) -> list[str]:
    """Return what axe finds wrong: rule, and the piece of the page."""
    page.wait_for_timeout(400)  # what fades in has its colours then
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run(document, {json.dumps(ASKED)})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_passes_the_automatic_check_of_accessibility(
    browser: Browser, address: str, scheme: str
) -> None:
    with chromium.watched(browser, address, scheme=scheme) as watched:
        page = watched.open()
        wrong = {}
        for name in TABS:
            fill(watched, name)
            wrong[name] = complaints(page)
        watched.tab("Home")
        page.locator(".tile").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        wrong["photo"] = complaints(page)
    assert not {name: found for name, found in wrong.items() if found}
    assert not watched.troubles


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_under_the_pointer(browser: Browser, address: str, width: int) -> None:
    with chromium.watched(browser, address, width=width, height=844) as watched:
        steady.watch(watched.page)
        page = watched.open()
        expect(page.locator(".tile").first).to_be_visible()
        for name in (*TABS, "Home"):
            fill(watched, name)
            page.wait_for_timeout(steady.SETTLED_MS)
        page.locator("#home-older").click()
        expect(page.locator("#home-gallery .tile")).to_have_count(PHOTOS - 60)
        moves = steady.moves(page)
    assert not moves.moved
    assert moves.pressed > len(TABS)
    assert moves.shift < steady.GOOD, moves.shifted
    assert not watched.troubles
