"""The Search page over a small library in memory: its address, weights, filters, and why."""

from collections.abc import Iterator

import gradio_client
import pytest
from playwright.sync_api import Locator, Page, expect

from common.samples import Box, Kind
from tests.browser import fake_library, serving
from tests.browser.chromium import Watched

CAT, SIGN = Box(0.25, 0.2, 0.5, 0.4), Box(0.1, 0.7, 0.3, 0.1)
PHOTOS = 45
NEAR_PX = 1.5
RTL = "مرحبا <script>document.title='bad'</script>"


@pytest.fixture(scope="module")
def contents() -> fake_library.FakeLibrary:
    """A cat with a sign below it, a person at night, and more than a page of nothing much."""
    library = fake_library.FakeLibrary()
    found = ((Kind.ANIMAL, "cat", CAT), (Kind.TEXT, "cat crossing", SIGN))
    library.add(fake_library.fake_photo("cat.png", fake_library.picture("green"), found))
    person = ((Kind.PERSON, "cat lover", CAT), (Kind.TEXT, RTL, SIGN))
    library.add(fake_library.fake_photo("night.png", fake_library.picture("navy"), person))
    for number in range(2, PHOTOS):
        colour = fake_library.picture(f"#{number:02x}80c0")
        library.add(fake_library.fake_photo(f"photo-{number}.png", colour))
    return library


@pytest.fixture(scope="module")
def address(contents: fake_library.FakeLibrary) -> Iterator[str]:
    with serving.shown(contents) as address:
        yield address


def visit(watched: Watched, query: str) -> Page:
    """Open an address as somebody does to whom it was sent."""
    watched.page.goto(f"{watched.address}/{query}")
    expect(watched.page.locator("#search-results .found")).to_be_visible()
    return watched.page


def ask(watched: Watched, text: str) -> Page:
    page = watched.page
    text_box(page).fill(text)
    page.keyboard.press("Enter")
    return page


def text_box(page: Page) -> Locator:
    return page.locator("#search-text").locator("input, textarea")


def first(page: Page) -> Locator:
    return page.locator("#search-results .card").first


def test_a_question_is_in_the_address_and_comes_back_with_it(watched: Watched) -> None:
    page = watched.open()
    watched.tab("Search")
    ask(watched, "2:cat + sunset - people")
    expect(first(page)).to_contain_text("cat.png")
    assert "q=2:cat+%2B+sunset+-+people" in page.url
    page.reload()
    expect(first(page)).to_be_visible()
    expect(text_box(page)).to_have_value("2:cat + sunset - people")
    expect(page.locator("#search-results")).to_contain_text("2 × “cat” plus “sunset” less “people”")


def test_an_address_fills_in_the_whole_form(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = visit(watched, "?q=cat&w=animal=2.5,person=0&auto=1&kinds=animal&n=50&from=2022")
    expect(first(page)).to_contain_text("cat.png")
    page.get_by_text("What counts how much").click()
    expect(page.locator("#weight-ANIMAL input[type=number]")).to_have_value("2.5")
    asked = contents.queries[-1]
    assert asked.auto_threshold
    assert list(asked.filter.kinds) == [Kind.ANIMAL]
    assert asked.filter.taken.from_s == 1_640_995_200
    assert asked.limit == 50


def test_nonsense_finds_nothing_until_the_nearest_are_asked_for(watched: Watched) -> None:
    page = visit(watched, "?q=qwxz")
    results = page.locator("#search-results")
    expect(results).to_contain_text("Nothing stands out")
    expect(results).to_contain_text("makes little sense of these words")
    page.get_by_role("link", name="See the nearest").click()
    expect(first(page)).to_be_visible()
    assert "min=0.001" in page.url


def test_going_back_shows_the_question_before(watched: Watched) -> None:
    page = visit(watched, "?q=cat")
    expect(first(page)).to_contain_text("cat.png")
    ask(watched, "nothing of the kind")
    page.wait_for_url("**/?q=nothing*")
    page.go_back()
    expect(text_box(page)).to_have_value("cat")
    expect(first(page)).to_contain_text("cat.png")
    assert page.url.endswith("?q=cat")
    page.go_forward()
    expect(text_box(page)).to_have_value("nothing of the kind")


def test_changed_weights_change_the_order(watched: Watched) -> None:
    page = visit(watched, "?q=cat")
    expect(first(page)).to_contain_text("cat.png")
    page.get_by_text("What counts how much").click()
    slider = page.locator("#weight-PERSON input[type=range]")
    expect(slider).to_be_visible()
    page.wait_for_timeout(500)  # what opens has its sliders built a moment later
    slider.click(position={"x": 70, "y": 6})
    expect(first(page)).to_contain_text("night.png")
    page.wait_for_url("**w=person=*")


def test_more_like_a_region_is_an_address_too(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = visit(watched, "?q=cat")
    page.get_by_role("button", name="More like this cat", exact=True).click()
    page.wait_for_url("**like=*")
    page.reload()
    expect(page.locator("#search-like")).to_contain_text("More like this region")
    expect(first(page)).to_be_visible()
    (term,) = contents.queries[-1].terms
    assert term.region.box.x == pytest.approx(CAT.x, abs=1e-5)


def test_more_results_follow_below(watched: Watched) -> None:
    page = visit(watched, "?q=cat")
    cards = page.locator("#search-results .card")
    expect(cards).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(cards).to_have_count(40)
    page.get_by_role("button", name="Show more").click()
    expect(cards).to_have_count(PHOTOS)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    photos = cards.evaluate_all("cards => new Set(cards.map((card) => card.dataset.photo)).size")
    assert photos == PHOTOS


def test_pointing_at_a_match_outlines_where_it_is(watched: Watched) -> None:
    page = visit(watched, "?q=cat")
    lies_at(page, CAT)
    first(page).locator(".score", has_text="cat crossing").hover()
    lies_at(page, SIGN)


def lies_at(page: Page, box: Box) -> None:
    """The one outline that is seen lies over the box of the photo, dashed or pointed at, green."""
    seen = first(page).locator(".outline:visible")
    expect(seen).to_have_count(1)
    place, image = seen.bounding_box(), first(page).locator("img").bounding_box()
    assert place
    assert image
    expected = {
        "x": image["x"] + box.x * image["width"],
        "y": image["y"] + box.y * image["height"],
        "width": box.width * image["width"],
        "height": box.height * image["height"],
    }
    assert place == pytest.approx(expected, abs=NEAR_PX)


def test_a_photo_says_why_it_was_found(watched: Watched) -> None:
    page = visit(watched, "?q=cat&auto=1&w=animal=2")
    card = first(page)
    card.get_by_text("Why this photo").click()
    told = card.locator(".why li", has_text="cat").first
    for number in (
        "cosine\u00a00.270",
        "score\u00a00.900",
        "weight\u00a02",
        "threshold\u00a00.600",
    ):
        expect(told.locator(".numbers")).to_contain_text(number)
    expect(card.locator(".why")).to_contain_text("from 512 unrelated")
    expect(card.locator(".why")).to_contain_text("Ranked by 1.800")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?q=dog+%2B+%2B+x", "At character 7"),
        ("?q=dog&from=someday", "someday"),
        ("?w=anima=2&q=cat", "anima"),
        ("?like=nobody", "nobody"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    watched: Watched, query: str, sentence: str
) -> None:
    watched.page.goto(f"{watched.address}/{query}")
    expect(watched.page.locator("#search-results .problem")).to_contain_text(sentence)


def test_an_uploaded_picture_is_not_in_the_address_and_the_page_says_so(watched: Watched) -> None:
    page = watched.open()
    watched.tab("Search")
    file = {"name": "a.png", "mimeType": "image/png", "buffer": fake_library.picture("red")}
    page.locator("#search-picture input[type=file]").set_input_files(file)
    expect(page.locator("#search-picture img")).to_be_visible()
    page.locator("#search-go").click()
    expect(page.locator("#search-results")).to_contain_text("it cannot carry")
    page.reload()
    expect(page.locator("#search-results .note")).to_contain_text("add it again")


def test_a_text_from_right_to_left_is_shown_and_not_run(watched: Watched) -> None:
    page = visit(watched, "?q=script")
    expect(first(page).locator(".score .name").first).to_contain_text("<script>")
    assert page.title() == "Semapix"


def test_a_script_asks_the_page_by_its_api(
    address: str, contents: fake_library.FakeLibrary
) -> None:
    script = gradio_client.Client(address, verbose=False)
    (photo_id, score), *others = script.predict("cat", limit=5, api_name="/search")
    assert contents.photos[photo_id].facts.sources == ("cat.png",)
    assert score == pytest.approx(0.9)
    assert len(others) == 4
