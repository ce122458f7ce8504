"""`python tests/browser/screenshots.py FOLDER`: every page, wide and narrow, light and dark.

The photos are those of installed packages, which may be shown to anybody; the services are real.
There are more to see with Debian's packages mate-backgrounds and lomiri-wallpapers-16.04.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests import house  # noqa: E402
from tests.browser import chromium, filling, package_photos  # noqa: E402
from ui.client import Client  # noqa: E402

SIZES = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")
QUESTION = "?q=a+wild+cat&w=photo=0.5,animal=2"
PATIENCE_MS = 60_000
SETTLE_MS = 1_200


def main(folder: Path) -> None:
    """Start the services over a library of package photos, and take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, house.started(Path(scratch, "library")) as home:
        services = home.up_file()
        with Client(services.gateway) as library:
            copies = package_photos.copies(Path(scratch))
            filling.fill(library, [*package_photos.paths(), *package_photos.scenery(), *copies])
        take_all(f"http://{services.services['web'].address}", folder)


def take_all(address: str, folder: Path) -> None:
    """Take every page in every size and scheme."""
    with chromium.browser() as running:
        for width, height in SIZES.items():
            for scheme in SCHEMES:
                size = {"width": width, "height": height}
                with chromium.watched(running, address, scheme=scheme, **size) as watched:
                    _take(watched, folder, f"{width}-{scheme}")


def _take(watched: chromium.Watched, folder: Path, suffix: str) -> None:
    page = watched.open()
    for name, show in PAGES.items():
        show(watched)
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=folder / f"{name}-{suffix}.png")
        print(folder / f"{name}-{suffix}.png", *watched.troubles)
        _close(page)


def _home(watched: chromium.Watched) -> None:
    watched.page.locator(".tile").first.wait_for()


def _search(watched: chromium.Watched) -> None:
    watched.page.goto(f"{watched.address}/{QUESTION}")
    watched.page.locator("#search-results .card").first.wait_for()
    if _wide(watched):
        watched.page.get_by_text("What counts how much").click()


def _photo(watched: chromium.Watched) -> None:
    watched.page.locator("#search-results .frame").first.click()
    watched.page.get_by_role("dialog").wait_for()
    watched.page.mouse.move(2, 2)


def _clusters(watched: chromium.Watched) -> None:
    watched.tab("Clusters")
    watched.page.locator("#clusters-start").click()
    watched.page.locator("#clusters-said .quiet").wait_for(timeout=PATIENCE_MS)


def _cluster(watched: chromium.Watched) -> None:
    watched.page.locator("#clusters-found [data-go=one]").first.click()
    watched.page.locator(".cluster-open .stamp").first.wait_for()


def _map(watched: chromium.Watched) -> None:
    watched.tab("Map")
    watched.page.get_by_label("Cluster", exact=True).check()
    watched.page.locator("#map-start").click()
    _drawn(watched, "scatter3d")


def _flat_map(watched: chromium.Watched) -> None:
    """The map in two dimensions, with what is drawn around below it."""
    watched.page.get_by_label("2-D").check()
    _drawn(watched, "scattergl")
    watched.page.locator("[data-mode=select]").click()
    box = watched.page.locator(".map-stage").bounding_box() or {}
    for share, move in ((0.25, watched.page.mouse.down), (0.75, watched.page.mouse.up)):
        x, y = box["x"] + share * box["width"], box["y"] + share * min(box["height"], 400)
        watched.page.mouse.move(x, y, steps=5)
        move()


def _drawn(watched: chromium.Watched, kind: str) -> None:
    drawn = f"document.querySelector('.map-plot')?.data?.[0].type === '{kind}'"
    watched.page.wait_for_function(drawn, timeout=PATIENCE_MS)


def _duplicates(watched: chromium.Watched) -> None:
    watched.tab("Duplicates")
    watched.page.locator("#duplicates-start").click()
    watched.page.locator(".group").first.wait_for(timeout=PATIENCE_MS)


def _status(watched: chromium.Watched) -> None:
    watched.tab("Status")
    watched.page.locator("#status .service").first.wait_for()


def _api(watched: chromium.Watched) -> None:
    watched.tab("API")
    watched.page.locator(".rpc").first.wait_for()


def _wide(watched: chromium.Watched) -> bool:
    return (watched.page.viewport_size or {"width": 0})["width"] > 1000


def _close(page: Page) -> None:
    close = page.locator("dialog [data-close]")
    if close.count():
        close.click()


PAGES: Mapping[str, Callable[[chromium.Watched], None]] = {
    "home": _home,
    "search": _search,
    "photo": _photo,
    "clusters": _clusters,
    "cluster": _cluster,
    "map": _map,
    "map-2d": _flat_map,
    "duplicates": _duplicates,
    "status": _status,
    "api": _api,
}

if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots"))
