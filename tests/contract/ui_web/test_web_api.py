"""The API page finds every unary rpc by asking the gateway, and calls it with JSON."""

import json
from collections.abc import Iterator

import pytest

from common import errors
from semapix.v1 import analysis_pb2, gateway_pb2, housekeeping_pb2, imports_pb2
from tests.browser import fake_library, serving
from ui.client import Client
from ui.web import api_page

SERVICES = [
    service
    for module in (analysis_pb2, gateway_pb2, housekeeping_pb2, imports_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
    if service.full_name in fake_library.NAMES
]


@pytest.fixture(scope="module")
def library() -> Iterator[Client]:
    contents = fake_library.FakeLibrary()
    contents.add(fake_library.fake_photo("sea.png", fake_library.picture("navy")))
    with (
        serving.grpc_served(contents.register, fake_library.NAMES) as gateway,
        Client(gateway) as client,
    ):
        yield client


def outcome(library: Client, name: str, request: str) -> str:
    try:
        return library.reflection.call(name, request)
    except errors.SemapixError as error:
        return str(error)


def test_every_unary_rpc_is_there_with_its_documentation(library: Client) -> None:
    found = {rpc.name: rpc for rpc in library.reflection.rpcs()}
    unary = {
        f"{service.name}.{method.name}"
        for service in SERVICES
        for method in service.methods
        if not (method.client_streaming or method.server_streaming)
    }
    assert len(SERVICES) == len(fake_library.NAMES)
    assert set(found) == unary
    assert all(rpc.comment for rpc in found.values())


def test_fields_within_fields_are_documented_by_their_path(library: Client) -> None:
    search = next(rpc for rpc in library.reflection.rpcs() if rpc.name == "GatewayService.Search")
    described = {field.name: field for field in search.request}
    assert described["terms"].type == "list of QueryTerm"
    assert "10,000 characters" in described["terms[].text"].comment
    assert described["terms[].image"].type == "bytes in base64"


def test_an_example_is_a_request_that_the_gateway_understands(library: Client) -> None:
    for rpc in library.reflection.rpcs():
        assert "in JSON" not in outcome(library, rpc.name, rpc.example)


def test_a_call_returns_json_with_the_fields_that_are_empty(library: Client) -> None:
    answer = json.loads(library.reflection.call("GatewayService.ListPhotos", '{"pageSize": 1}'))
    assert answer["total"] == "1"
    assert answer["nextPageToken"] == ""


@pytest.mark.parametrize("request_text", ["{", '{"nonsense": 1}', '{"pageSize": "many"}'])
def test_what_is_no_request_is_refused_in_a_sentence(library: Client, request_text: str) -> None:
    with pytest.raises(errors.InvalidInput, match="no ListPhotosRequest in JSON"):
        library.reflection.call("GatewayService.ListPhotos", request_text)


def test_an_unknown_rpc_is_not_found(library: Client) -> None:
    with pytest.raises(errors.NotFound, match="DropEverything"):
        library.reflection.call("GatewayService.DropEverything", "{}")


def test_an_error_of_the_gateway_arrives_as_it_was_meant(library: Client) -> None:
    request = json.dumps({"photoId": "0" * 64})
    with pytest.raises(errors.NotFound):
        library.reflection.call("GatewayService.GetPhoto", request)


def test_a_gateway_that_is_gone_is_named() -> None:
    with (
        Client("127.0.0.1:9") as nobody,
        pytest.raises(errors.Unavailable, match=r"127\.0\.0\.1:9"),
    ):
        nobody.reflection.rpcs()


def test_the_description_escapes_what_it_shows(library: Client) -> None:
    rpc = library.reflection.rpcs()[0]
    assert "<details" in api_page.description(rpc)
