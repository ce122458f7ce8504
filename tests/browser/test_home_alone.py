"""Home, the photo at large and Status over a small library in memory, which can be made to wait."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from common.samples import Box, Kind
from tests.browser import chromium, fake_library, serving
from tests.browser.chromium import Watched

HOSTILE = "holiday/<img src=x onerror=\"document.title='bad'\">.jpg"
LEFT, RIGHT = Box(0.1, 0.2, 0.3, 0.4), Box(0.5, 0.2, 0.4, 0.6)
PHOTOS = 70
LATE_S = 2.0
LOADED = "[...document.querySelectorAll('#trash-list img')].every(one => one.naturalWidth > 0)"


@pytest.fixture
def contents() -> fake_library.FakeLibrary:
    """Seventy photos; the first has an animal, a person and a text in it."""
    library = fake_library.FakeLibrary(pending=3)
    found = ((Kind.ANIMAL, "cat", LEFT), (Kind.PERSON, "person", RIGHT), (Kind.TEXT, "EXIT", LEFT))
    for number in range(PHOTOS):
        picture = fake_library.picture(f"#{number:02x}80c0")
        some = () if number else found
        library.add(fake_library.fake_photo(f"photo-{number}.png", picture, some))
    return library


@pytest.fixture
def watched(browser: Browser, contents: fake_library.FakeLibrary) -> Iterator[Watched]:
    with serving.shown(contents) as address, chromium.watched(browser, address) as watched:
        yield watched
    assert not watched.troubles


def new_pictures(folder: Path, count: int) -> list[Path]:
    """Write pictures that the library does not have."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        picture = fake_library.picture(f"#ff{number:02x}00", (200, 160))
        (folder / f"new-{number}.png").write_bytes(picture)
    return sorted(folder.iterdir())


def test_an_import_is_paused_survives_a_reload_and_goes_on(
    watched: Watched, contents: fake_library.FakeLibrary, tmp_path: Path
) -> None:
    contents.imports.pauses_after = 2
    page = watched.open()
    page.locator("#home-files input[type=file]").set_input_files(new_pictures(tmp_path / "in", 5))
    card = page.locator("#home-report .import")
    expect(card).to_contain_text("Paused: 5 files")
    expect(card).to_contain_text("2 of 5 photos")
    page.reload()
    # Gradio complains of the stream that was open when the page was left.
    left = ("BodyStreamBuffer was aborted", "Connection errored out")
    watched.troubles[:] = [one for one in watched.troubles if not any(map(one.count, left))]
    card.get_by_role("button", name="Go on").click()
    expect(card).to_contain_text("Imported: 5 files")
    expect(card.locator("[data-outcome=ADDED] b")).to_have_text("5")


def test_a_cancelled_import_says_so_and_the_rest_stays_out(
    watched: Watched, contents: fake_library.FakeLibrary, tmp_path: Path
) -> None:
    contents.imports.pauses_after = 1
    page = watched.open()
    page.locator("#home-files input[type=file]").set_input_files(new_pictures(tmp_path / "in", 3))
    card = page.locator("#home-report .import")
    expect(card).to_contain_text("Paused")
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_contain_text("Cancelled: 3 files")
    assert len(contents.photos) == PHOTOS + 1


def test_a_running_import_of_somebody_else_is_shown_with_speed_and_time_to_go(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    contents.imports.begin(label=HOSTILE, total=240, added=100)
    page = watched.open()
    card = page.locator("#home-report .import")
    expect(card).to_contain_text(HOSTILE)
    expect(card).to_contain_text("100 of 240 photos · 2.5 a second · about 40 s to go")
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_a_folder_brings_its_pictures_and_leaves_the_rest(
    watched: Watched, contents: fake_library.FakeLibrary, tmp_path: Path
) -> None:
    new_pictures(tmp_path / "folder", 2)
    (tmp_path / "folder" / "notes.txt").write_text("no picture")
    page = watched.open()
    page.locator("#home-folder input[type=file]").set_input_files(tmp_path / "folder")
    expect(page.locator("#home-report .import")).to_contain_text("Imported: 2 files")
    assert len(contents.photos) == PHOTOS + 2


def test_an_archive_that_is_no_picture_for_this_library_is_on_the_list_of_the_rejected(
    watched: Watched, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "holiday.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("one.jpg"), io.BytesIO())
    page = watched.open()
    page.locator("#home-files input[type=file]").set_input_files(tmp_path / "holiday.tar")
    expect(page.locator("#home-rejected")).to_contain_text("Rejected photos (1)")


def test_rejected_photos_are_tried_again_and_forgotten(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    for number in range(3):
        contents.imports.reject(f"{number}-{HOSTILE}", "The picture is damaged: it ends early.")
    page = watched.open()
    page.get_by_role("button", name="Rejected photos (3)").click()
    rows = page.locator("#rejected-list li")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("it ends early")
    page.get_by_role("button", name="Try these again").click()
    expect(page.locator("#rejected-list .note")).to_contain_text("Tried 3 photos again: 1 got in.")
    rows.first.get_by_role("button", name="Forget").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Forget these").click()
    expect(page.locator("#rejected-list")).to_contain_text("No photo was rejected")
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_a_list_under_way_does_not_bring_back_what_was_done_meanwhile(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    contents.imports.reject("broken.jpg", "The picture is damaged: it ends early.")
    page = watched.open()
    page.get_by_role("button", name="Rejected photos (1)").wait_for()
    contents.imports.delays = [LATE_S]
    page.get_by_role("button", name="Rejected photos (1)").click()
    page.get_by_role("button", name="Forget these").click()
    page.wait_for_timeout(1_500 * LATE_S)
    expect(page.locator("#rejected-list")).to_contain_text("No photo was rejected")
    expect(page.locator("#rejected-list li")).to_have_count(0)


def test_the_trash_gives_back_and_is_emptied_after_a_question(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    first, second = list(contents.photos)[:2]
    for photo_id in (first, second):
        contents.keeping.remove(photo_id)
    page = watched.open()
    page.get_by_role("button", name="Trash (2)").click()
    photos = page.locator("#trash-list li")
    expect(photos).to_have_count(2)
    page.wait_for_function(LOADED)  # nobody is asked for the picture of a photo that is back
    photos.first.get_by_role("button", name="Bring it back").click()
    expect(photos).to_have_count(1)
    assert first in contents.photos
    page.wait_for_function(LOADED)
    page.get_by_text("Empty the trash …").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("#trash-list .note")).to_contain_text("1 photo deleted for good")
    assert not contents.keeping.trash


def test_the_gallery_goes_by_the_keyboard_and_pages_do_not_move_the_buttons(
    watched: Watched,
) -> None:
    page = watched.open()
    tiles = page.locator("#home-gallery .tile")
    tiles.first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(tiles.nth(1)).to_be_focused()
    before = page.locator("#home-older").bounding_box()
    page.keyboard.press("PageDown")
    expect(tiles).to_have_count(PHOTOS - 60)
    assert page.locator("#home-older").bounding_box() == before
    expect(page.locator("#home-place")).to_contain_text("61 to 70 of 70")


def test_outlines_are_switched_by_kind(watched: Watched) -> None:
    page = watched.open()
    page.locator(".tile").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".outline")).to_have_count(3)
    dialog.get_by_label("Animal (1)").uncheck()
    expect(dialog.locator(".outline:visible")).to_have_count(2)
    expect(dialog.locator(".outline[data-kind=animal]")).to_be_hidden()
    dialog.get_by_label("Animal (1)").check()
    expect(dialog.locator(".outline:visible")).to_have_count(3)


def test_photos_are_turned_over_and_those_like_it_open(watched: Watched) -> None:
    page = watched.open()
    page.locator(".tile").nth(1).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("h2")).to_have_text("photo-1.png")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator("h2")).to_have_text("photo-2.png")
    dialog.get_by_label("Photo before").click()
    expect(dialog.locator("h2")).to_have_text("photo-1.png")
    expect(dialog.locator(".alike .small")).to_have_count(12)
    like = dialog.locator(".alike .small").nth(3)
    name = str(like.get_attribute("title"))
    like.click()
    expect(dialog.locator("h2")).to_have_text(name)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".tile").first.click()
    expect(dialog.get_by_label("Photo before")).to_be_disabled()


def test_a_removed_photo_comes_back_by_undo(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = watched.open()
    page.locator(".tile").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Remove …").click()
    dialog.get_by_role("button", name="Move into the trash").click()
    expect(page.locator("#home-trash")).to_contain_text("Trash (1)")
    page.locator("#photo-said").get_by_role("button", name="Undo").click()
    expect(page.locator("#photo-said")).to_contain_text("The photo is back.")
    assert len(contents.photos) == PHOTOS


def test_status_tells_stages_imports_and_what_a_check_finds(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    contents.imports.begin(label="holiday.zip", total=240, added=100)
    contents.keeping.findings.append(f"The original {HOSTILE} is missing: import it again.")
    page = watched.open()
    watched.tab("Status")
    expect(page.locator("#status")).to_contain_text("3 photos, 1.5 a second, about 2 min to go")
    page.locator("#status-imports").get_by_role("button", name="Pause").click()
    expect(page.locator("#status-imports li")).to_have_attribute("data-state", "PAUSED")
    page.locator("#status-check").click()
    expect(page.locator("#status-found")).to_contain_text("1 thing is wrong.")
    expect(page.locator("#status-found")).to_contain_text(HOSTILE)
    contents.keeping.findings.clear()
    page.locator("#status-check").click()
    expect(page.locator("#status-found")).to_contain_text("Nothing is wrong: 70 photos looked at")
