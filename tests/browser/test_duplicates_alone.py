"""The Duplicates page over a small library in memory: nothing goes but by a click that says so."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from semapix.v1 import duplicates_pb2 as pb
from tests.browser import fake_duplicates, fake_library, serving
from tests.browser.chromium import Watched

HOSTILE = "<img src=x onerror=\"document.title='bad'\"> مرحبا"
GROUPS = 30
SHOWN = 24
MOVE_ONE = "Move 1 photo into the trash"


@pytest.fixture
def contents() -> fake_library.FakeLibrary:
    library = fake_library.FakeLibrary(groups_of_duplicates=GROUPS)
    for number in range(GROUPS * fake_duplicates.THREE):
        colour = fake_library.picture(f"#{number:02x}80c0", (64, 40))
        library.add(fake_library.fake_photo(f"{HOSTILE}{number}", colour))
    return library


@pytest.fixture
def address(contents: fake_library.FakeLibrary) -> Iterator[str]:
    with serving.shown(contents) as address:
        yield address


def found(watched: Watched) -> Page:
    page = watched.open()
    watched.tab("Duplicates")
    expect(page.locator("#duplicates-found")).to_contain_text("Nothing goes into the trash before")
    page.locator("#duplicates-start").click()
    expect(page.locator(".group")).to_have_count(SHOWN)
    return page


def first(page: Page) -> Locator:
    return page.locator(".group").first


def test_a_group_shows_the_best_and_why_and_checks_what_is_like_it(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = found(watched)
    best, like, chained = first(page).locator(".copy").all()
    expect(best).to_contain_text(f"Best {fake_duplicates.WHY}")
    expect(best).to_contain_text(f"{HOSTILE}0")
    expect(like).to_contain_text("3 of 64 bits differ")
    expect(chained).to_contain_text("not like the best: stays")
    checked = [one.locator("input").is_checked() for one in (best, like, chained)]
    assert checked == [False, True, False]
    best.locator(".stamp").click()
    expect(page.get_by_role("dialog")).to_contain_text("64 × 40 pixels")
    assert not contents.keeping.trash
    assert page.title() == "Semapix"


def test_what_is_checked_goes_into_the_trash_and_comes_back(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = found(watched)
    kept, gone = (first(page).locator("input").nth(place) for place in (0, 1))
    gone_id = gone.input_value()
    kept.check()
    chained = first(page).locator("input").nth(2)
    chained.check()
    button = first(page).locator("[data-remove]")
    expect(button).to_have_text("Move 3 photos into the trash: none of a group stays")
    kept.uncheck()
    chained.uncheck()
    expect(button).to_have_text(MOVE_ONE)
    button.click()
    expect(page.locator("#duplicates-said")).to_contain_text("1 photo is in the trash.")
    assert list(contents.keeping.trash) == [gone_id]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#duplicates-said")).to_contain_text("1 photo is back.")
    assert not contents.keeping.trash


def test_all_that_are_checked_go_after_a_question_and_pages_turn(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = found(watched)
    page.get_by_role("button", name="After →").click()
    expect(page.locator(".group")).to_have_count(GROUPS - SHOWN)
    first(page).locator("input").nth(1).uncheck()
    page.get_by_text("Move all that are checked …").click()
    count = GROUPS - SHOWN - 1
    page.locator(".asks [data-remove]").click()
    expect(page.locator("#duplicates-said")).to_contain_text(f"{count} photos are in the trash.")
    assert len(contents.keeping.trash) == count
    page.reload()
    watched.tab("Duplicates")
    expect(page.locator("#duplicates-said")).to_contain_text(f"{GROUPS} groups of photos")


def test_what_is_asked_for_reaches_the_service(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = watched.open()
    watched.tab("Duplicates")
    page.get_by_label("Shows the same").check()
    cosine = page.locator("#twice-cosine input[type=number]")
    expect(cosine).to_be_enabled()
    cosine.fill("0.9")
    page.keyboard.press("Tab")
    page.locator("#duplicates-start").click()
    expect(page.locator("#duplicates-said")).to_contain_text("that show the same")
    (job,) = contents.jobs.values()
    assert job.spec.duplicates.kind == pb.DUPLICATE_KIND_SEMANTIC
    assert job.spec.duplicates.min_cosine == pytest.approx(0.9)
