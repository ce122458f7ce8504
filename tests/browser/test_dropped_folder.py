"""A folder that is dropped with the mouse, as the browser itself drops it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium, fake_library, serving
from tests.browser.chromium import Watched


@pytest.fixture
def contents() -> fake_library.FakeLibrary:
    return fake_library.FakeLibrary()


@pytest.fixture
def watched(browser: Browser, contents: fake_library.FakeLibrary) -> Iterator[Watched]:
    with serving.shown(contents) as address, chromium.watched(browser, address) as watched:
        yield watched
    assert not watched.troubles


def drop(page: Page, *paths: Path) -> None:
    """Drop files and folders onto the place for photos."""
    box = page.locator("#home-files").bounding_box()
    assert box
    devtools = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, **place, "data": carried})


def test_a_dropped_folder_brings_the_pictures_in_it_however_deep(
    watched: Watched, contents: fake_library.FakeLibrary, tmp_path: Path
) -> None:
    deep = tmp_path / "holiday" / "2019" / "beach"
    deep.mkdir(parents=True)
    for number, folder in enumerate((deep, deep.parent, deep.parent.parent)):
        (folder / f"{number}.png").write_bytes(fake_library.picture(f"#ff{number:02x}00"))
    (deep / "notes.txt").write_text("no picture")
    page = watched.open()
    expect(page.locator("#home-gallery")).to_contain_text("No photos yet")
    drop(page, tmp_path / "holiday")
    expect(page.locator("#home-report .import")).to_contain_text("Imported: 3 files")
    expect(page.locator("#home-gallery .tile")).to_have_count(3)
    assert len(contents.photos) == 3


def test_a_dropped_photo_is_imported(
    watched: Watched, contents: fake_library.FakeLibrary, tmp_path: Path
) -> None:
    (tmp_path / "one.png").write_bytes(fake_library.picture("#ff0000"))
    drop(watched.open(), tmp_path / "one.png")
    expect(watched.page.locator("#home-report .import")).to_contain_text("Imported: one.png")
    assert len(contents.photos) == 1
