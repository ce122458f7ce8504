"""Search, clusters and map of the page over the real services with the embedded models."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect

from common.samples import Kind
from tests.browser import chromium, filling, package_photos
from tests.browser.chromium import Watched
from ui.analyses import AnalysisState, ClusterParameters
from ui.answers import Query, Term
from ui.client import Client

pytestmark = pytest.mark.weights
PATIENCE_MS = 60_000
PHOTOS = (
    "skimage/coffee.png", "skimage/chelsea.png", "skimage/rocket.jpg", "skimage/page.png",
    "skimage/astronaut.png", "gradio/cheetah.jpg",
    "skimage/motorcycle_left.png", "skimage/motorcycle_right.png",
)  # fmt: skip
CARDS = "#search-results .card"


@pytest.fixture(scope="module")
def filled(library: Client) -> Client:
    filling.fill(library, [package_photos.path(name) for name in PHOTOS])
    return library


def visit(watched: Watched, query: str) -> Page:
    watched.page.goto(f"{watched.address}/{query}")
    expect(watched.page.locator(CARDS).first).to_be_visible(timeout=PATIENCE_MS)
    return watched.page


def shown(page: Page) -> list[str]:
    photos = page.locator(CARDS).evaluate_all("cards => cards.map((card) => card.dataset.photo)")
    return [str(photo) for photo in photos]


def ranked(library: Client, text: str, weights: Mapping[Kind, float]) -> list[str]:
    answer = library.search(Query((Term(text=text),), weights=weights))
    return [hit.facts.photo_id for hit in answer.hits]


def test_changed_weights_change_the_order_as_the_gateway_says(
    page: Watched, filled: Client
) -> None:
    plain = shown(visit(page, "?q=segmentation"))
    weighed = shown(visit(page, "?q=segmentation&w=text=0,person=3"))
    assert plain == ranked(filled, "segmentation", {})
    assert weighed == ranked(filled, "segmentation", {Kind.TEXT: 0, Kind.PERSON: 3})
    assert plain != weighed


@pytest.mark.usefixtures("filled")
def test_a_reloaded_search_is_the_same_with_its_automatic_threshold(page: Watched) -> None:
    opened = visit(page, "?q=2:coffee+%2B+cup+-+rocket&w=text=0.5")
    before = shown(opened)
    opened.get_by_label("Automatic").check()
    opened.wait_for_url("**auto=1*")
    opened.reload()
    expect(opened.get_by_label("Automatic")).to_be_checked(timeout=PATIENCE_MS)
    expect(opened.locator("#search-results .found")).to_be_visible()
    assert set(shown(opened)) <= set(before)


@pytest.mark.usefixtures("filled")
def test_the_suggested_distance_makes_clusters(page: Watched) -> None:
    opened = page.open()
    page.tab("Clusters")
    opened.get_by_label("Suggested distance").check()
    opened.locator("#clusters-start").click()
    expect(opened.locator(".levels .suggested")).to_contain_text("suggested", timeout=PATIENCE_MS)
    expect(opened.locator(".distance-plot polyline")).to_be_visible()
    expect(opened.get_by_role("button", name="Take the suggested distance")).to_have_count(0)


def test_a_cluster_gets_a_name_that_stays(page: Watched, filled: Client) -> None:
    # Found beforehand: what arrives later would take the place of what is being typed.
    job = filled.analyses.start(ClusterParameters(eps=0.2, min_samples=2))
    *_, last = (job, *filled.analyses.watch(job.analysis_id))
    assert last.state is AnalysisState.SUCCEEDED
    opened = page.open()
    page.tab("Clusters")
    card = opened.locator("#clusters-found .cluster").first
    expect(card).to_be_visible(timeout=PATIENCE_MS)
    card.get_by_text("Rename").click()
    card.get_by_label("Name of the cluster").fill("<b>Twins</b>")
    card.get_by_role("button", name="Save").click()
    named = opened.locator("#clusters-found .cluster strong", has_text="<b>Twins</b>")
    expect(named).to_be_visible(timeout=PATIENCE_MS)
    opened.reload()
    page.tab("Clusters")
    expect(named).to_be_visible(timeout=PATIENCE_MS)


def test_a_flat_map_shows_the_picture_of_each_point(page: Watched, filled: Client) -> None:
    opened = page.open()
    page.tab("Map")
    opened.get_by_label("2-D").check()
    drawn = "document.querySelector('.map-plot')?.data?.[0].type === 'scattergl'"
    opened.wait_for_function(drawn, timeout=PATIENCE_MS)
    opened.wait_for_timeout(500)
    box = opened.locator(".map-stage").bounding_box()
    assert box
    opened.locator("[data-mode=select]").click()
    opened.mouse.move(box["x"] + 5, box["y"] + 5)
    opened.mouse.down()
    opened.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] - 5, steps=6)
    opened.mouse.up()
    expect(opened.locator(".strip button")).to_have_count(filled.status().photos)
    expect(opened.locator(".strip img").first).to_have_attribute("src", chromium.THUMBNAIL)
