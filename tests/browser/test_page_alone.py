"""The page against contents that no real model would give, over a small library in memory."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from common.samples import Box, Kind
from tests.browser import chromium, fake_library, serving
from tests.browser.chromium import Watched

HOSTILE = "<img src=x onerror=\"document.title='bad'\"> {{constructor}} ${document.title='bad'}"
BOX = Box(0.25, 0.2, 0.5, 0.4)
PHOTOS = 70


@pytest.fixture(scope="module")
def contents() -> fake_library.FakeLibrary:
    """Seventy photos: more than a page of the gallery; the first is hostile."""
    library = fake_library.FakeLibrary(notices=[HOSTILE])
    found = ((Kind.TEXT, HOSTILE, BOX), (Kind.ANIMAL, "cat", BOX))
    library.add(fake_library.fake_photo(HOSTILE, fake_library.picture("green"), found))
    for number in range(1, PHOTOS):
        colour = fake_library.picture(f"#{number:02x}80c0")
        library.add(fake_library.fake_photo(f"photo-{number}.png", colour))
    return library


@pytest.fixture(scope="module")
def address(contents: fake_library.FakeLibrary) -> Iterator[str]:
    with serving.shown(contents) as address:
        yield address


def ask(watched: Watched, text: str) -> None:
    watched.tab("Search")
    watched.page.locator("#search-text").locator("input, textarea").fill(text)
    watched.page.keyboard.press("Enter")
    expect(watched.page.locator("#search-results .card").first).to_be_visible()


def test_hostile_names_and_texts_are_shown_and_not_run(watched: Watched) -> None:
    page = watched.open()
    ask(watched, "cat")
    page.locator(".card .frame").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".samples")).to_contain_text(HOSTILE)
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert page.title() == "Semapix"


def test_the_gallery_is_turned_page_by_page(watched: Watched) -> None:
    page = watched.open()
    expect(page.locator("#home-place")).to_contain_text("1 to 60 of 70")
    page.locator("#home-older").click()
    expect(page.locator("#home-gallery .tile")).to_have_count(PHOTOS - 60)
    expect(page.locator("#home-older")).to_be_disabled()
    page.locator("#home-newer").click()
    expect(page.locator("#home-gallery .tile")).to_have_count(60)


def test_more_like_a_region_asks_for_that_region(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = watched.open()
    ask(watched, "cat")
    page.get_by_role("button", name="More like this cat").click()
    expect(page.locator("#search-like")).to_contain_text("More like this region")
    expect(page.locator("#search-text").locator("input, textarea")).to_have_value("")
    (term,) = contents.queries[-1].terms
    assert term.region.box.x == pytest.approx(BOX.x, abs=1e-5)
    assert term.region.photo_id == next(iter(contents.photos))


def test_weights_and_threshold_reach_the_gateway(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = watched.open()
    watched.tab("Search")
    page.locator("#search-threshold input[type=number]").fill("0.4")
    page.get_by_text("What counts how much").click()
    _slide(watched, "#weight-ANIMAL", "2.5")
    ask(watched, "cat")
    asked = contents.queries[-1]
    assert asked.threshold == pytest.approx(0.4)
    weights = {Kind(one.kind): one.weight for one in asked.weights}
    assert weights == {kind: 2.5 if kind is Kind.ANIMAL else 1 for kind in Kind}


def _slide(watched: Watched, slider: str, value: str) -> None:
    """Type a value until the slider holds it.

    What opens has its sliders built a moment after they are visible, with their first values: a
    person is slower than that, this test is not.
    """
    shown = watched.page.locator(f"{slider} input[type=range]")
    for _ in range(10):
        watched.page.locator(f"{slider} input[type=number]").fill(value)
        watched.page.keyboard.press("Tab")
        watched.page.wait_for_timeout(300)
        if shown.input_value() == value:
            return
    raise AssertionError(f"{slider} holds {shown.input_value()}, not {value}")


def test_the_map_shows_the_picture_under_the_pointer(watched: Watched) -> None:
    page = watched.open()
    watched.tab("Map")
    page.locator("#map-start").click()
    expect(page.locator("#map canvas").first).to_be_visible()
    page.wait_for_function("document.querySelector('.map-plot').data?.length")
    assert _hovered(watched), "no point of the map answered the pointer"
    expect(page.locator(".map-tip img")).to_have_attribute("src", chromium.THUMBNAIL)


def _hovered(watched: Watched) -> bool:
    """Sweep the pointer over the map until a point shows its picture."""
    box = watched.page.locator(".map-plot").bounding_box()
    assert box
    for step in range(400):
        x, y = 0.2 + 0.6 * (step % 40) / 40, 0.2 + 0.6 * (step // 40) / 10
        watched.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        watched.page.wait_for_timeout(25)
        if watched.page.locator(".map-tip").is_visible():
            return True
    return False


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_on_a_phone(browser: Browser, address: str, scheme: str) -> None:
    size = {"width": 390, "height": 844}
    with chromium.watched(browser, address, scheme=scheme, **size) as watched:
        page = watched.open()
        for name in ("Home", "Search", "Clusters", "Map", "Duplicates", "Status"):
            watched.tab(name)
            page.wait_for_timeout(200)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert not watched.troubles


def test_a_gateway_that_is_down_is_told_in_a_sentence(browser: Browser) -> None:
    with (
        serving.page_served("127.0.0.1:1") as address,
        chromium.watched(browser, address) as watched,
    ):
        page = watched.open()
        expect(page.locator("#home-summary")).to_contain_text("does not answer right now")
        watched.tab("Search")
        page.locator("#search-text").locator("input, textarea").fill("dog")
        page.keyboard.press("Enter")
        expect(page.locator("#search-results .problem")).to_be_visible(timeout=20_000)
        assert "Traceback" not in page.content()
    assert not watched.troubles
