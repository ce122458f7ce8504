"""What the API page proposes to call works as it stands, where the call only reads."""

import json
from collections.abc import Iterator

import pytest

from tests.browser import fake_library, serving
from ui import analyses
from ui.client import Client
from ui.web import api_page, rpc_examples

ANSWERED = (
    "GatewayService.Search", "GatewayService.GetPhoto", "GatewayService.BatchGetPhotos",
    "GatewayService.ListPhotos", "GatewayService.GetStatus", "AnalysisService.ListAnalyses",
    "AnalysisService.GetClusters", "AnalysisService.GetMap", "AnalysisService.GetDuplicates",
    "HousekeepingService.ListTrash", "ImportService.ListImports", "ImportService.ListRejected",
)  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Iterator[Client]:
    contents = fake_library.FakeLibrary(groups_of_duplicates=1)
    for colour in ("navy", "green", "red"):
        contents.add(fake_library.fake_photo(f"{colour}.png", fake_library.picture(colour)))
    with (
        serving.grpc_served(contents.register, fake_library.NAMES) as gateway,
        Client(gateway) as client,
    ):
        yield client


@pytest.mark.parametrize("name", ANSWERED)
def test_an_example_of_reading_is_answered_as_it_stands(library: Client, name: str) -> None:
    for parameters in (
        analyses.ClusterParameters(eps=0.2),
        analyses.MapParameters(dimensions=2),
        analyses.DuplicateParameters(),
    ):
        library.analyses.start(parameters)
    request = rpc_examples.Examples(library).of(library.reflection.rpc(name))
    assert json.loads(library.reflection.call(name, request))


def test_the_example_of_a_search_finds_something(library: Client) -> None:
    rpc = library.reflection.rpc("GatewayService.Search")
    answer = library.reflection.call(rpc.name, rpc_examples.Examples(library).of(rpc))
    assert json.loads(answer)["hits"]


def test_what_changes_the_library_says_so_and_names_no_photo(library: Client) -> None:
    rpc = library.reflection.rpc("GatewayService.RemovePhotos")
    assert rpc_examples.changes(rpc.name)
    assert json.loads(rpc_examples.Examples(library).of(rpc))["photoIds"] == []
    assert api_page.CHANGES in api_page.description(rpc)
    reading = library.reflection.rpc("GatewayService.GetPhoto")
    assert api_page.CHANGES not in api_page.description(reading)


def test_without_a_photo_the_example_stays_as_reflection_has_it() -> None:
    empty = fake_library.FakeLibrary()
    with (
        serving.grpc_served(empty.register, fake_library.NAMES) as gateway,
        Client(gateway) as nobody,
    ):
        rpc = nobody.reflection.rpc("GatewayService.GetPhoto")
        assert json.loads(rpc_examples.Examples(nobody).of(rpc)) == json.loads(rpc.example)
