"""The Map page over a small library in memory, and over a made-up map of 10,000 points."""

import dataclasses
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from common.samples import Box, Kind, Taken
from tests.browser import chromium, fake_library, serving
from tests.browser.chromium import Watched

HOSTILE = "<img src=x onerror=\"document.title='bad'\">"
PHOTOS, POINTS = 12, 10_000
DRAWN_MS = 5_000  # 350 to 550 ms measured, with a software renderer on two cores
YEAR_S = 31_556_952
DRAWN = "document.querySelector('.map-plot')?.data?.[0].type === '{}'"


@pytest.fixture(scope="module")
def contents() -> fake_library.FakeLibrary:
    """Photos of several years, each with an animal of a hostile name."""
    library = fake_library.FakeLibrary(made_up_points=POINTS)
    found = ((Kind.ANIMAL, HOSTILE, Box(0.25, 0.2, 0.5, 0.4)),)
    for number in range(PHOTOS):
        photo = fake_library.fake_photo(
            f"{HOSTILE}{number}", fake_library.picture(f"#{number:02x}80c0"), found
        )
        taken = Taken(at_s=1_500_000_000 + number * YEAR_S) if number else Taken()
        photo.facts = dataclasses.replace(photo.facts, taken=taken)
        library.add(photo)
    return library


@pytest.fixture(scope="module")
def address(contents: fake_library.FakeLibrary) -> Iterator[str]:
    with serving.shown(contents) as address:
        yield address


def drawn(watched: Watched, *, space: str = "3-D") -> Page:
    page = watched.open()
    watched.tab("Map")
    page.locator("#map-start").click()
    page.wait_for_function(DRAWN.format("scatter3d"))
    if space == "2-D":
        page.get_by_label("2-D").check()
        page.wait_for_function(DRAWN.format("scattergl"))
        page.wait_for_timeout(500)
    return page


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".map-stage").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_ten_thousand_points_are_drawn_at_once(watched: Watched) -> None:
    page = drawn(watched)
    count = "document.querySelector('.map-plot').data.reduce((all, one) => all + one.x.length, 0)"
    assert page.evaluate(count) == POINTS
    assert int(page.locator(".map-plot").get_attribute("data-draw-ms") or 0) < DRAWN_MS


def test_a_point_under_the_pointer_shows_its_picture_and_opens_it(watched: Watched) -> None:
    page = drawn(watched, space="2-D")
    x, y = found_point(page)
    expect(page.locator(".map-tip img")).to_have_attribute("src", chromium.THUMBNAIL)
    expect(page.locator(".map-tip img")).to_have_js_property("complete", True)
    page.mouse.click(x, y)
    expect(page.get_by_role("dialog")).to_contain_text("320 × 200 pixels")


def test_turning_a_map_by_one_of_its_points_opens_nothing(watched: Watched) -> None:
    page = drawn(watched)
    eye = "document.querySelector('.map-plot')._fullLayout.scene._scene.getCamera().eye.x"
    before = page.evaluate(eye)
    x, y = found_point(page)
    page.mouse.down()
    page.mouse.move(x + 90, y + 20, steps=3)
    page.mouse.up()
    page.wait_for_function(f"Math.abs({eye} - {before}) > 0.01")
    expect(page.get_by_role("dialog")).to_have_count(0)


def found_point(page: Page) -> tuple[float, float]:
    """Move the pointer over the map until a point answers; return where that is."""
    x, y = middle(page)
    for step in range(200):
        at = x - 250 + 25 * (step % 20), y - 200 + 40 * (step // 20)
        page.mouse.move(*at)
        page.wait_for_timeout(40)
        if page.locator(".map-tip").is_visible():
            return at
    raise AssertionError("no point of the map answered the pointer")


@pytest.mark.parametrize("way", ["lasso", "select"])
def test_what_is_drawn_around_on_a_flat_map_is_shown_below(watched: Watched, way: str) -> None:
    page = drawn(watched, space="2-D")
    page.locator(f"[data-mode={way}]").click()
    x, y = middle(page)
    page.mouse.move(x - 200, y - 200)
    page.mouse.down()
    for corner in ((x + 200, y - 190), (x + 200, y + 200), (x - 190, y + 200)):
        page.mouse.move(*corner, steps=4)
    page.mouse.up()
    expect(page.locator(".strip button").first).to_be_visible()
    expect(page.locator(".map-picked")).to_contain_text("photos selected")
    page.locator(".strip button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_time_colours_by_spans_that_the_legend_names_and_hides(watched: Watched) -> None:
    page = drawn(watched)
    page.get_by_label("Time taken").check()
    legend = page.locator(".map-legend button")
    expect(legend.first).to_contain_text("2018 to 2019")
    expect(legend.last).to_contain_text("Not known")
    legend.first.click()
    expect(legend.first).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("document.querySelector('.map-plot').data[0].visible") is False


def test_clusters_colour_the_map_and_names_of_strangers_are_text(watched: Watched) -> None:
    page = watched.open()
    watched.tab("Clusters")
    page.locator("#clusters-start").click()
    expect(page.locator("#clusters-found .cluster").first).to_be_visible()
    page = drawn(watched)
    page.get_by_label("Cluster", exact=True).check()
    expect(page.locator(".map-legend button").first).to_contain_text("(")
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.title() == "Semapix"


def test_a_finger_sees_the_picture_first_and_opens_it_then(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    with chromium.watched(browser, address, touch=True, **size) as watched:
        page = drawn(watched)
        page.locator(".map-stage").scroll_into_view_if_needed()
        x, y = middle(page)
        for step in range(60):
            page.touchscreen.tap(x - 120 + 30 * (step % 9), y - 120 + 40 * (step // 9))
            page.wait_for_timeout(150)
            if page.locator(".map-tip").is_visible():
                break
        expect(page.locator(".map-tip img")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.locator(".map-tip").tap()
        expect(page.get_by_role("dialog")).to_be_visible()
    assert not watched.troubles
