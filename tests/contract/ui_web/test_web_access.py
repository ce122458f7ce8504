"""A password before everything, and a path that a reverse proxy adds."""

import json
from collections.abc import Iterator

import gradio_client
import httpx
import pytest

from common import samples
from tests.browser import fake_library, serving
from ui.web.settings import Settings

PICTURE = fake_library.picture("navy", (64, 40))
THUMBNAIL = f"/thumbnails/{samples.photo_id(PICTURE)}"
USER, PASSWORD = "semapix", "pässword: with colon"
LOGIN = httpx.BasicAuth(USER.encode(), PASSWORD.encode())


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    library = fake_library.FakeLibrary()
    library.add(fake_library.fake_photo("sea.png", PICTURE))
    with (
        serving.grpc_served(library.register, fake_library.NAMES) as gateway,
        serving.page_served(gateway, Settings(password=PASSWORD)) as address,
        httpx.Client(base_url=address, timeout=30) as web,
    ):
        yield web


@pytest.mark.parametrize("path", ["/", THUMBNAIL, "/config", "/gradio_api/info"])
def test_nothing_is_served_without_the_password(guarded: httpx.Client, path: str) -> None:
    refused = guarded.get(path)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert guarded.get(path, auth=LOGIN).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!", "Bearer x", "Basic c2VtYXBpeDo=", "Basic " + "A" * 9999]
)
def test_a_wrong_header_is_refused(guarded: httpx.Client, header: str) -> None:
    assert guarded.get("/", headers={"Authorization": header}).status_code == 401


def test_health_tells_nothing_and_stays_open(guarded: httpx.Client) -> None:
    assert guarded.get("/healthz").text == "ok"


def test_scripts_call_with_the_password(guarded: httpx.Client) -> None:
    script = gradio_client.Client(
        str(guarded.base_url), verbose=False, httpx_kwargs={"auth": LOGIN}
    )
    said, answer = script.predict("GatewayService.ListPhotos", "{}", api_name="/call")
    assert (said, json.loads(answer)["total"]) == ("", "1")


def test_the_password_is_not_in_what_is_logged_of_settings() -> None:
    assert PASSWORD not in repr(Settings(password=PASSWORD))
