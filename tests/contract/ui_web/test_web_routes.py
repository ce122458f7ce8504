"""Pictures over HTTP: cached for ever, refused in a sentence."""

import io
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from common import samples
from tests.browser import fake_library, serving
from ui.web import routes

NAME = 'sea "quoted" ünd.png'
PICTURE = fake_library.picture("navy", (640, 400))
OTHER, TRASHED = fake_library.picture("olive"), fake_library.picture("maroon", (900, 450))
HOSTILE = "<script>alert(1)</script>.png"
PHOTO_ID = samples.photo_id(PICTURE)


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    library = fake_library.FakeLibrary()
    library.add(fake_library.fake_photo(NAME, PICTURE))
    library.add(fake_library.fake_photo(HOSTILE, OTHER))
    library.add(fake_library.fake_photo("gone.png", TRASHED))
    library.keeping.remove(samples.photo_id(TRASHED))
    with (
        serving.grpc_served(library.register, fake_library.NAMES) as gateway,
        serving.page_served(gateway) as address,
        httpx.Client(base_url=address, timeout=30) as web,
    ):
        yield web


def test_a_thumbnail_has_the_size_asked_for_and_is_kept_by_the_browser(web: httpx.Client) -> None:
    answer = web.get(f"/thumbnails/{PHOTO_ID}?size=160")
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).size == (160, 100)


def test_an_original_comes_back_byte_by_byte_under_its_name(web: httpx.Client) -> None:
    answer = web.get(f"/originals/{PHOTO_ID}")
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sea%20%22quoted%22%20%C3%BCnd.png" in answer.headers["content-disposition"]


@pytest.mark.parametrize("kind", ["thumbnails", "originals"])
def test_an_unknown_photo_is_not_found_and_not_kept(web: httpx.Client, kind: str) -> None:
    answer = web.get(f"/{kind}/{'0' * 64}")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert "no longer in the library" in answer.text


@pytest.mark.parametrize("path", ["thumbnails/xyz", f"thumbnails/{PHOTO_ID}?size=9999"])
def test_a_bad_address_is_refused(web: httpx.Client, path: str) -> None:
    assert web.get(f"/{path}").status_code == 422


def test_an_unknown_colour_of_a_map_is_refused(web: httpx.Client) -> None:
    assert web.get("/maps/any?colour=smell").status_code == 400


def test_plotly_comes_from_this_machine(web: httpx.Client) -> None:
    answer = web.get("/static-semapix/plotly.min.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert b"plotly.js" in answer.content[:200]


def test_the_front_page_names_no_other_host_to_load_from(web: httpx.Client) -> None:
    page = web.get("/").text
    assert "fonts.googleapis.com" not in page
    assert "cdn" not in page.lower().split("</head>")[0]


def test_a_gateway_that_is_down_is_service_unavailable() -> None:
    with serving.page_served("127.0.0.1:1") as address:
        answer = httpx.get(f"{address}/thumbnails/{PHOTO_ID}", timeout=30)
        assert answer.status_code == 503
        assert httpx.get(f"{address}/healthz").text == "ok"


def test_what_has_no_known_format_is_only_bytes() -> None:
    assert routes.media_type("UNKNOWN") == "application/octet-stream"


def test_a_photo_in_the_trash_has_a_small_picture_though_no_thumbnail(web: httpx.Client) -> None:
    trashed = samples.photo_id(TRASHED)
    assert web.get(f"/thumbnails/{trashed}").status_code == 404
    answer = web.get(f"/trashed/{trashed}")
    assert Image.open(io.BytesIO(answer.content)).size == (320, 160)


def test_around_a_photo_are_the_others_and_their_names_are_text(web: httpx.Client) -> None:
    text = web.get(f"/photos/{PHOTO_ID}/around").text
    assert samples.photo_id(OTHER) in text
    assert PHOTO_ID not in text
    assert "<script>" not in text
