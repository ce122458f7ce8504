"""The Clusters page over a small library in memory: cards, one cluster whole, names, distances."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from semapix.v1 import clusters_pb2 as cpb
from tests.browser import fake_clusters, fake_library, serving
from tests.browser.chromium import Watched
from ui import analyses, client

HOSTILE = "<img src=x onerror=\"document.title='bad'\"> مرحبا"
PHOTOS = 130
LARGE = PHOTOS - fake_clusters.SMALL - 1


@pytest.fixture(scope="module")
def contents() -> fake_library.FakeLibrary:
    library = fake_library.FakeLibrary()
    for number in range(PHOTOS):
        colour = fake_library.picture(f"#{number:02x}80c0", (64, 40))
        library.add(fake_library.fake_photo(f"photo-{number}.png", colour))
    return library


@pytest.fixture(scope="module")
def address(contents: fake_library.FakeLibrary) -> Iterator[str]:
    with (
        serving.grpc_served(contents.register, fake_library.NAMES) as gateway,
        serving.page_served(gateway) as address,
        client.Client(gateway) as library,
    ):
        library.analyses.start(analyses.ClusterParameters(eps=0.2, min_samples=2))
        yield address


def found(watched: Watched) -> Page:
    """Open the page, which shows the clusters that were found last."""
    page = watched.open()
    watched.tab("Clusters")
    expect(page.locator("#clusters-found .cluster")).to_have_count(2)
    return page


def test_a_card_shows_name_size_spread_and_the_noise_is_apart(watched: Watched) -> None:
    page = found(watched)
    large, small = page.locator("#clusters-found .cluster").all()
    expect(large).to_contain_text("Cluster 1")
    expect(large).to_contain_text(f"{LARGE} pictures, spread 0.10")
    expect(large.locator(".stamp")).to_have_count(6)
    expect(small).to_contain_text("Dog")
    expect(small).to_contain_text("the name is a guess")
    expect(page.locator(".noise")).to_contain_text("In no cluster: 1 picture")


def test_a_cluster_opens_whole_and_is_paged_through(watched: Watched) -> None:
    page = found(watched)
    page.get_by_role("button", name=f"Show all {LARGE}").click()
    expect(page.locator(".cluster-open .stamp")).to_have_count(96)
    page.get_by_role("button", name="After →").click()
    expect(page.locator(".cluster-open .stamp")).to_have_count(LARGE - 96)
    expect(page.locator(".paging.beside")).to_contain_text(f"97 to {LARGE} of {LARGE}")
    page.locator(".cluster-open .stamp").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("photo-96.png")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="← All clusters").click()
    expect(page.locator("#clusters-found .cluster")).to_have_count(2)


def test_a_name_is_saved_shown_as_text_and_taken_away(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = found(watched)
    name(page, HOSTILE)
    card = page.locator("#clusters-found .cluster").last
    expect(card.locator("header > .name")).to_have_text(HOSTILE)
    assert HOSTILE in contents.names.values()
    page.reload()
    watched.tab("Clusters")
    expect(card.locator("header > .name")).to_have_text(HOSTILE)
    name(page, "")
    expect(card.locator("header > .name")).to_have_text("Dog")
    assert page.title() == "Semapix"


def name(page: Page, text: str) -> None:
    card = page.locator("#clusters-found .cluster").last
    card.get_by_text("Rename").click()
    card.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")


def test_one_at_random_is_opened(watched: Watched) -> None:
    page = found(watched)
    page.locator("#clusters-chance").click()
    expect(page.locator(".cluster-open[data-part=one] .stamp").first).to_be_visible()


def test_the_suggested_distance_is_drawn_and_taken(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = found(watched)
    expect(page.locator(".distance-plot polyline")).to_be_visible()
    expect(page.locator(".levels")).to_contain_text("suggested 0.150")
    page.get_by_role("button", name="Take the suggested distance").click()
    expect(page.locator(".levels .used")).to_have_text("used 0.150")
    expect(page.locator("#clusters-eps input[type=number]")).to_have_value("0.15")
    expect(page.get_by_role("button", name="Take the suggested distance")).to_have_count(0)


def test_method_and_least_pictures_reach_the_service(
    watched: Watched, contents: fake_library.FakeLibrary
) -> None:
    page = watched.open()
    watched.tab("Clusters")
    page.locator("#clusters-method input").click()
    page.get_by_role("option", name="HDBSCAN", exact=True).click()
    expect(page.locator("#clusters-eps input[type=number]")).to_be_disabled()
    page.locator("#clusters-least input[type=number]").fill("5")
    page.keyboard.press("Tab")
    page.locator("#clusters-start").click()
    expect(page.locator(".levels .used")).to_contain_text("no single distance")
    asked = list(contents.jobs.values())[-1].spec.clusters
    assert (asked.method, asked.min_samples) == (cpb.CLUSTER_METHOD_HDBSCAN, 5)
