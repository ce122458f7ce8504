"""The gallery of 40,000 photos: pages, a jump, the memory of the page, a photo's neighbours."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import crowds, fake_library, serving
from tests.browser.chromium import Watched

PHOTOS, PAGE = 40_000, 60
TURNS = 8
GROWN_BYTES = 4_000_000
SLOW_S = 1.5


@pytest.fixture(scope="module")
def contents() -> fake_library.FakeLibrary:
    return fake_library.FakeLibrary(photos=crowds.photos(PHOTOS))


@pytest.fixture(scope="module")
def address(contents: fake_library.FakeLibrary) -> Iterator[str]:
    with serving.shown(contents) as address:
        yield address


@pytest.fixture
def slow(contents: fake_library.FakeLibrary) -> Iterator[None]:
    contents.listing_s = SLOW_S
    yield
    contents.listing_s = 0.0


def stands_at(page: Page, first: int, last: int) -> None:
    expect(page.locator("#home-place")).to_contain_text(f"{first:,} to {last:,} of {PHOTOS:,}")
    expect(page.locator("#home-gallery .tile").first).to_have_attribute(
        "title", f"photo-{first - 1}.png"
    )


def jump(page: Page, number: int) -> None:
    page.locator("#home-page input").fill(str(number))
    page.keyboard.press("Enter")


def test_a_page_of_forty_thousand_photos_is_jumped_to_and_turned(watched: Watched) -> None:
    page = watched.open()
    expect(page.locator("#home-pages")).to_have_text("of 667")
    jump(page, 500)
    stands_at(page, 29_941, 30_000)
    page.locator("#home-older").click()
    stands_at(page, 30_001, 30_060)
    expect(page.locator("#home-page input")).to_have_value("501")
    page.locator("#home-newer").click()
    stands_at(page, 29_941, 30_000)
    watched.tab("Status")
    watched.tab("Home")
    stands_at(page, 29_941, 30_000)
    jump(page, 667)
    stands_at(page, 39_961, 40_000)
    expect(page.locator("#home-older")).to_be_disabled()


def test_a_refresh_under_way_takes_no_number_and_turns_nothing_back(
    watched: Watched, slow: None
) -> None:
    page = watched.open()
    expect(page.locator("#home-pages")).to_have_text("of 667")
    watched.tab("Status")
    watched.tab("Home")
    page.locator("#home-page input").fill("667")
    page.wait_for_timeout(2_000 * SLOW_S)  # the refresh is over, and took nothing
    watched.tab("Status")
    watched.tab("Home")
    page.locator("#home-page input").press("Enter")
    stands_at(page, 39_961, 40_000)
    page.wait_for_timeout(2_000 * SLOW_S)
    stands_at(page, 39_961, 40_000)


def test_turning_pages_leaves_nothing_behind(watched: Watched) -> None:
    page = watched.open()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def turned(pages: int) -> dict[str, float]:
        for _ in range(pages):
            shown = page.locator(".tile").first.get_attribute("title") or ""
            page.locator("#home-older").click()
            expect(page.locator(".tile").first).not_to_have_attribute("title", shown)
        devtools.send("HeapProfiler.collectGarbage")
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in metrics}

    before, after = turned(2), turned(TURNS)
    assert after["Nodes"] < before["Nodes"] + 2 * PAGE
    assert after["JSHeapUsedSize"] < before["JSHeapUsedSize"] + GROWN_BYTES
    expect(page.locator("#home-gallery .tile")).to_have_count(PAGE)


def test_photos_at_large_lead_on_from_page_to_page(watched: Watched) -> None:
    page = watched.open()
    page.locator(".tile").last.click()
    title = page.get_by_role("dialog").locator("h2")
    expect(title).to_have_text("photo-59.png")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("photo-60.png")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("photo-61.png")
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text("photo-60.png")
    page.get_by_label("Photo before").click()
    expect(title).to_have_text("photo-59.png")
    page.keyboard.press("Escape")
    stands_at(page, 1, PAGE)
