"""The page over the real services with the embedded models: photos in, and found again."""

import io
import os
import signal
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from common.samples import WHOLE_PHOTO, Box
from tests.browser import filling, package_photos
from tests.browser.chromium import Watched
from ui.answers import FileSource, Query, Term
from ui.client import Client
from ui.library import UpFile

pytestmark = pytest.mark.weights
PATIENCE_MS = 60_000
PHOTOS = ("skimage/coffee.png", "skimage/chelsea.png", "skimage/rocket.jpg", "skimage/page.png")
QUESTION = "a cup of coffee on a wooden table"
NEAR_PX = 2.0


@pytest.fixture(scope="module")
def filled(library: Client) -> Client:
    """The library with a few photos in it, all stages done, whatever ran before."""
    filling.fill(library, [package_photos.path(name) for name in PHOTOS])
    return library


def upload(page: Page, *files: Path) -> None:
    page.locator("#home-files input[type=file]").set_input_files(files)


def search(page: Page, text: str) -> Locator:
    """Ask, and return the cards of the answer."""
    page.get_by_role("tab", name="Search", exact=True).click()
    page.locator("#search-text").locator("input, textarea").fill(text)
    page.locator("#search-go").click()
    expect(page.locator("#search-results .card").first).to_be_visible(timeout=PATIENCE_MS)
    return page.locator("#search-results .card")


def outcome(page: Page, name: str) -> Locator:
    return page.locator(f"#home-report .badge[data-outcome={name}] b")


def test_uploaded_photos_are_counted_and_found(page: Watched, tmp_path: Path) -> None:
    shown = page.open()
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    upload(shown, package_photos.path("skimage/coffee.png"), new_photo(tmp_path), notes)
    expect(shown.locator("#home-report")).to_contain_text("3 of 3 photos", timeout=PATIENCE_MS)
    expect(outcome(shown, "REJECTED")).to_have_text("1")
    expect(shown.locator("#home-report .refused")).to_contain_text("notes.txt")
    expect(shown.locator("#home-gallery .tile").first).to_be_visible()
    expect(shown.locator("#home-summary .count")).to_contain_text("photos")
    expect(search(shown, QUESTION).first).to_contain_text("coffee.png")


def test_the_same_photo_again_is_a_duplicate(page: Watched, filled: Client) -> None:
    shown = page.open()
    before = filled.status().photos
    upload(shown, package_photos.path("skimage/chelsea.png"))
    expect(outcome(shown, "DUPLICATE")).to_have_text("1", timeout=PATIENCE_MS)
    expect(shown.locator("#home-summary .count")).to_have_text(f"{before} photos")


def test_the_outline_lies_where_the_sample_is(page: Watched, filled: Client) -> None:
    card = search(page.open(), "segmentation").first
    match = filled.search(Query((Term(text="segmentation"),))).hits[0].matches[0]
    outline, image = (
        card.locator(".outline:visible").bounding_box(),
        card.locator("img").bounding_box(),
    )
    assert outline
    assert image
    assert outline == pytest.approx(expected_place(match.sample.box, image), abs=NEAR_PX)


@pytest.mark.usefixtures("filled")
def test_a_picture_finds_itself_first(page: Watched) -> None:
    shown = page.open()
    page.tab("Search")
    picture = package_photos.path("skimage/chelsea.png")
    shown.locator("#search-picture input[type=file]").set_input_files(picture)
    expect(shown.locator("#search-picture img")).to_be_visible()
    shown.locator("#search-go").click()
    first = shown.locator("#search-results .card").first
    expect(first).to_contain_text("chelsea.png", timeout=PATIENCE_MS)


def test_a_photo_opens_large_and_can_be_removed(
    page: Watched, filled: Client, tmp_path: Path
) -> None:
    (imported,) = filled.import_photos([FileSource(new_photo(tmp_path))])
    shown = page.open()
    shown.locator(f"#home-gallery .tile[data-photo='{imported.photo_id}']").click()
    dialog = shown.get_by_role("dialog")
    expect(dialog).to_contain_text("320 × 200 pixels")
    dialog.get_by_text("Remove …").click()
    dialog.get_by_role("button", name="Move into the trash").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE_MS)
    expect(shown.locator(f".tile[data-photo='{imported.photo_id}']")).to_have_count(0)


def test_clusters_and_map_are_drawn(page: Watched, filled: Client) -> None:
    shown = page.open()
    page.tab("Clusters")
    shown.locator("#clusters-start").click()
    expect(shown.locator("#clusters-said")).to_contain_text("among", timeout=PATIENCE_MS)
    page.tab("Map")
    shown.locator("#map-start").click()
    expect(shown.locator("#map canvas").first).to_be_visible(timeout=PATIENCE_MS)
    points = shown.evaluate("document.querySelector('.map-plot').data[0].x.length")
    assert points == filled.status().photos


def test_status_names_every_service(page: Watched) -> None:
    shown = page.open()
    page.tab("Status")
    for name in ("Embedder", "Detector", "Index", "Analysis"):
        expect(shown.locator("#status .service.good", has_text=name)).to_be_visible()


def test_a_zip_is_imported_with_progress_and_its_photos_are_found(
    page: Watched, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "holiday.zip", "w") as archive:
        for name in ("skimage/coffee.png", "skimage/rocket.jpg"):
            archive.write(package_photos.path(name), Path(name).name)
        archive.writestr("broken.jpg", b"no picture")
        archive.write(new_photo(tmp_path), "new.png")
    shown = page.open()
    upload(shown, tmp_path / "holiday.zip")
    card = shown.locator("#home-report .import")
    expect(card).to_contain_text("Imported: holiday.zip", timeout=PATIENCE_MS)
    expect(card).to_contain_text("4 of 4 photos")
    expect(card.locator(".refused")).to_contain_text("holiday.zip/broken.jpg")
    expect(outcome(shown, "ADDED")).not_to_have_text("0")
    expect(search(shown, "a rocket at night")).not_to_have_count(0)


@pytest.mark.usefixtures("filled")
def test_a_killed_service_is_told_and_recovers(page: Watched, services: UpFile) -> None:
    shown = page.open()
    page.tab("Status")
    detector = shown.locator("#status .service", has_text="Detector")
    expect(detector).to_contain_text("running")
    os.kill(services.services["detector"].pid, signal.SIGKILL)
    expect(shown.locator("#status")).to_contain_text("not answering", timeout=PATIENCE_MS)
    expect(shown.locator("#status .note").first).to_contain_text("wait until it is back")
    expect(detector).to_contain_text("running", timeout=4 * PATIENCE_MS)


def expected_place(box: Box, image: dict[str, float]) -> dict[str, float]:
    """Return where a box lies on the screen, in pixels, given where its photo does."""
    assert box != WHOLE_PHOTO
    return {
        "x": image["x"] + box.x * image["width"],
        "y": image["y"] + box.y * image["height"],
        "width": box.width * image["width"],
        "height": box.height * image["height"],
    }


def new_photo(folder: Path) -> Path:
    """Write a photo that no library has: its name is hashed into its colour."""
    out = io.BytesIO()
    colour = tuple(hash(str(folder)).to_bytes(8, "big", signed=True)[:3])
    Image.new("RGB", (320, 200), colour).save(out, "PNG")
    path = folder / "new.png"
    path.write_bytes(out.getvalue())
    return path
