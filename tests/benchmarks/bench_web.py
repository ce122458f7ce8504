"""How long a person waits for the page: `python tests/benchmarks/bench_web.py [PHOTOS]`.

Real services with the embedded encoder over a library of 2,000 photos, made of those in installed
packages; headless Chromium, which draws without a graphics card. The map is one of 10,000 made-up
points. Times are those of the page's own clock where the page can tell, in milliseconds.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests import house
from tests.benchmarks import package_crops
from tests.browser import chromium, fake_library, serving
from ui.client import Client

PHOTOS, POINTS = 2_000, 10_000
LOADS, TURNS, MOVES = 5, 5, 30
FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
QUESTIONS = (
    "a cup of coffee", "a cat", "a red motorcycle", "a rocket at night", "an orange flower",
    "a lion", "the Eiffel tower", "a pagoda by a lake", "coins", "stars in the sky",
)  # fmt: skip
# Notes when the first picture of a kind is there, counted from the start or from the last reset.
CLOCK = """
window.seen = {};
document.addEventListener("load", ({ target }) => {
  for (const name of [".tile img", ".card img", "dialog .photo-stage img"]) {
    if (target.matches?.(name) && !(name in window.seen)) {
      requestAnimationFrame(() => { window.seen[name] ??= performance.now(); });
    }
  }
}, true);
"""
ASIDE = {"SEMAPIX_DETECTOR_OBJECTS": "none", "SEMAPIX_DETECTOR_OCR": "none"}


def main(count: int) -> None:
    """Fill a library, look at it, print a table."""
    os.environ.update(ASIDE)
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch, house.started(Path(scratch, "library")) as home:
        services = home.up_file()
        with Client(services.gateway) as library:
            took_s = _filled(library, count)
        with chromium.browser() as browser:
            rows |= _library(browser, f"http://{services.services['web'].address}")
    with chromium.browser() as browser:
        rows |= _map(browser)
    print(f"{count:,} photos, imported in {took_s:.0f} s\n\n| ms | median | most |\n|---|---|---|")
    for name, times in rows.items():
        print(f"| {name} | {statistics.median(times):.0f} | {max(times):.0f} |")


def _filled(library: Client, count: int) -> float:
    started = time.perf_counter()
    for number, _ in enumerate(library.import_photos(package_crops.photos(count)), 1):
        if number % 500 == 0:
            print(f"{number:,} of {count:,} photos", flush=True)
    return time.perf_counter() - started


def _library(browser: Browser, address: str) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {"first paint of the frame": [], "first photos on Home": []}
    for _ in range(LOADS):
        with chromium.watched(browser, address) as watched:
            page = _opened(watched)
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            rows["first paint of the frame"].append(page.evaluate(paint))
            rows["first photos on Home"].append(page.evaluate("window.seen['.tile img']"))
    with chromium.watched(browser, address) as watched:
        page = _opened(watched)
        rows["next page of the gallery"] = [_turned(page, "#home-older") for _ in range(TURNS)]
        rows["a photo opened"] = [_photo(page, number) for number in range(TURNS)]
        watched.tab("Search")
        page.locator("#search-text").wait_for()
        rows["from the question to the first picture"] = [_found(page, one) for one in QUESTIONS]
        assert not watched.troubles, watched.troubles
    return rows


def _opened(watched: chromium.Watched) -> Page:
    watched.page.add_init_script(CLOCK)
    page = watched.open()
    page.wait_for_function("'.tile img' in window.seen")
    return page


def _timed(page: Page, name: str, act: Callable[[], None]) -> float:
    """Return milliseconds from an act to the next picture of the name."""
    page.evaluate("window.seen = {}; window.begun = performance.now()")
    act()
    page.wait_for_function(f"{name!r} in window.seen")
    return float(page.evaluate(f"window.seen[{name!r}] - window.begun"))


def _turned(page: Page, button: str) -> float:
    return _timed(page, ".tile img", page.locator(button).click)


def _photo(page: Page, number: int) -> float:
    took = _timed(page, "dialog .photo-stage img", page.locator(".tile").nth(number).click)
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    return took


def _found(page: Page, question: str) -> float:
    page.locator("#search-text").locator("input, textarea").fill(question)
    return _timed(page, ".card img", lambda: page.keyboard.press("Enter"))


def _map(browser: Browser) -> dict[str, list[float]]:
    """Return how long steps of turning the map and of pointing at it wait for the page."""
    contents = fake_library.FakeLibrary(made_up_points=POINTS)
    for number in range(12):
        picture = fake_library.picture(f"#{number:02x}80c0")
        contents.add(fake_library.fake_photo(f"{number}.png", picture))
    with (
        serving.grpc_served(contents.register, fake_library.NAMES) as gateway,
        serving.page_served(gateway) as address,
        chromium.watched(browser, address) as watched,
    ):
        page = watched.open()
        watched.tab("Map")
        page.locator("#map-start").click()
        page.wait_for_function("document.querySelector('.map-plot')?.dataset.drawMs")
        drawn = float(page.locator(".map-plot").get_attribute("data-draw-ms") or 0)
        pointing = _moved(page, lambda: None)
        turning = _moved(page, page.mouse.down)
        page.mouse.up()
    return {
        "map of 10,000 points drawn": [drawn],
        "map: a step of pointing": pointing,
        "map: a step of turning": turning,
    }


def _moved(page: Page, begin: Callable[[], None]) -> Sequence[float]:
    """Return milliseconds that each step of the pointer waits until the page has dealt with it.

    Two frames: the move is dealt with in the first, what that draws is there with the second.
    """
    box = page.locator(".map-stage").bounding_box() or {}
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
    page.mouse.move(x, y)
    begin()
    times = []
    for step in range(MOVES):
        begun = time.perf_counter()
        page.mouse.move(x + 3 * step, y + step)
        page.evaluate(FRAME)
        times.append(1e3 * (time.perf_counter() - begun))
    return times


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PHOTOS)
